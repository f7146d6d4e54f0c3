import { givenPassword } from './helm-client.ts';

const certificate = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';

/** Values that turn on what is off by default, one theme each. Every one is rendered, and sent to a real API server. */
export const valueMatrix: Readonly<Record<string, object>> = {
  defaults: { ...givenPassword },
  'a Redis of the user': {
    redis: { enabled: false },
    externalRedis: { url: 'rediss://user:password@redis.example.com:6380/1' },
    caBundle: { pem: certificate },
  },
  'Secrets of the user': {
    redis: { auth: { existingSecrets: { redis: 'users', operator: 'operator-url', nodeAgent: 'agent-urls' } } },
    caBundle: { existingConfigMap: 'company-ca' },
  },
  'a Redis behind sentinels, by Secrets': {
    redis: { enabled: false },
    externalRedis: { existingSecrets: { operator: 'operator-url', nodeAgent: 'agent-urls' } },
  },
  'parts of the host': {
    ...givenPassword,
    nodeAgent: { journal: { type: 'hostPath' }, usb: { mountDevices: true, source: 'kernel' } },
  },
  mirror: {
    ...givenPassword,
    image: { registry: 'mirror.example.com/autoweave', pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'registry' }],
    operator: { image: { digest: `sha256:${'0'.repeat(64)}` } },
    proxy: { http: 'http://proxy.example.com:3128', https: 'http://proxy.example.com:3128', noProxy: '.example.com' },
  },
  'one replica without a volume': {
    redis: { ...givenPassword.redis, persistence: { enabled: false }, intakeUser: { enabled: true } },
    operator: { replicas: 1 },
    networkPolicy: { enabled: false },
    crds: { keep: false },
    namespaces: { system: { create: true }, plugins: { keep: false } },
    rbac: { aggregateRoles: false },
  },
  scheduling: {
    ...givenPassword,
    commonLabels: { team: 'lab' },
    operator: {
      nodeSelector: { zone: 'a' },
      tolerations: [{ key: 'a', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'high',
      podLabels: { a: 'b' },
      podAnnotations: { c: 'd' },
    },
    nodeAgent: {
      nodeSelector: { usb: 'true' },
      affinity: { nodeAffinity: {} },
      updateStrategy: { type: 'OnDelete' },
      podLabels: { a: 'b' },
    },
    redis: { ...givenPassword.redis, nodeSelector: { disk: 'fast' }, tolerations: [{ operator: 'Exists' }] },
  },
  'every plugin namespace': {
    ...givenPassword,
    plugins: { allNamespaces: true, resourceQuota: { enabled: true }, limitRange: { enabled: true } },
    runner: { seccompProfile: 'autoweave/plugin.json' },
  },
  'several plugin namespaces': {
    ...givenPassword,
    plugins: { extraNamespaces: ['lab-a', 'lab-b'] },
    networkPolicy: {
      apiServerCidrs: ['10.0.0.1/32'],
      metricsFrom: [{ namespaceSelector: { matchLabels: { team: 'monitoring' } } }],
      redisFrom: [{ podSelector: { matchLabels: { app: 'submitter' } } }],
    },
  },
  monitoring: {
    ...givenPassword,
    monitoring: {
      podMonitor: { enabled: true, labels: { release: 'prometheus' } },
      serviceMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true },
      otlp: { endpoint: 'http://collector.monitoring:4318' },
    },
  },
};
