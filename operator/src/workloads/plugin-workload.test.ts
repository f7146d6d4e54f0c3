import type { AutoWeavePluginSpec } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { samplePlugin } from '../controllers/plugin/testing/sample-plugin.ts';
import type { PodTemplate } from './kinds.ts';
import { pluginPodTemplate } from './plugin-pod.ts';
import { onceRevision, pluginWorkload } from './plugin-workload.ts';
import { runnerDaemonSet } from './runner-daemon-set.ts';
import type { RunnerPods } from './runner-pods.ts';
import { testRunnerPods } from './testing/test-runner-pods.ts';

const uid = 'a8a3d3c2-0000-4000-8000-000000000001';
const image = 'registry.example.com/team/plugin:1.0.0';

function plugin(spec: Partial<AutoWeavePluginSpec>, memoryMegabytes = 64) {
  return samplePlugin({ runtime: 'Pod', ...spec }, { limits: { memoryMegabytes, timeoutSeconds: 30 } });
}

function template(
  spec: Partial<AutoWeavePluginSpec> = {},
  { maxMemoryMegabytes, ...runnerPods }: Partial<RunnerPods> & { maxMemoryMegabytes?: number } = {},
): PodTemplate {
  return pluginPodTemplate({ plugin: plugin(spec), runnerPods: testRunnerPods(runnerPods), maxMemoryMegabytes });
}

function probe(path: string): object {
  return { httpGet: { path, port: 8083 }, timeoutSeconds: 5 };
}

describe('the pod of a plugin', () => {
  it('is a sidecar with token and network, and the plugin with neither', () => {
    const locked = {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    };
    const socketMount = { name: 'socket', mountPath: '/run/autoweave' };
    const identity = [
      { name: 'AW_RUNNER_NAMESPACE', value: 'lab' },
      { name: 'AW_PLUGIN_NAME', value: 'greeter' },
      { name: 'AW_RUNNER_SOCKET', value: '/run/autoweave/plugin.sock' },
    ];
    expect(template({}, { pluginSeccompProfile: 'profiles/af-unix.json' })).toEqual({
      metadata: {
        labels: {
          'app.kubernetes.io/name': 'autoweave-plugin',
          'app.kubernetes.io/managed-by': 'autoweave',
          'app.kubernetes.io/part-of': 'autoweave',
          'app.kubernetes.io/component': 'plugin',
          'autoweave.dev/plugin': 'greeter',
        },
      },
      spec: {
        serviceAccountName: 'awp-greeter',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 30,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        initContainers: [
          {
            name: 'runner',
            image: 'autoweave/runner:0.1.0',
            imagePullPolicy: 'IfNotPresent',
            args: ['/app/runner.mjs', 'sidecar'],
            restartPolicy: 'Always',
            env: [...identity, { name: 'AW_EXECUTOR_ADDRESS', value: 'autoweave-executor.autoweave-node.svc:7788' }],
            ports: [{ name: 'probes', containerPort: 8083 }],
            startupProbe: { ...probe('/healthz'), periodSeconds: 1, failureThreshold: 120 },
            readinessProbe: { ...probe('/readyz'), periodSeconds: 1, failureThreshold: 3 },
            livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 6 },
            resources: { requests: { cpu: '5m', memory: '40Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
            securityContext: locked,
            volumeMounts: [socketMount, { name: 'token', mountPath: '/var/run/secrets/autoweave', readOnly: true }],
          },
        ],
        containers: [
          {
            name: 'plugin',
            image: 'autoweave/runner:0.1.0',
            imagePullPolicy: 'IfNotPresent',
            args: ['/app/runner.mjs', 'plugin'],
            env: identity,
            resources: {
              requests: { cpu: '10m', memory: '64Mi' },
              limits: { cpu: '1', memory: '384Mi', 'ephemeral-storage': '256Mi' },
            },
            livenessProbe: { ...probe('/plugin'), periodSeconds: 2, failureThreshold: 3 },
            securityContext: {
              ...locked,
              seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/af-unix.json' },
            },
            volumeMounts: [socketMount, { name: 'tmp', mountPath: '/tmp' }],
          },
        ],
        volumes: [
          { name: 'socket', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
          {
            name: 'token',
            projected: {
              sources: [
                { serviceAccountToken: { audience: 'autoweave-executor', expirationSeconds: 600, path: 'token' } },
              ],
            },
          },
          { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
        ],
        tolerations: [{ key: 'hardware/usb', operator: 'Exists', effect: 'NoSchedule' }],
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: `placement.autoweave.dev/${uid}`, operator: 'Exists' }] },
              ],
            },
          },
        },
      },
    });
  });

  it("runs the user's image as the user says, within what is fixed", () => {
    const toleration = { key: 'lab', operator: 'Exists', effect: 'NoSchedule' } as const;
    const { spec } = template(
      {
        pod: {
          image,
          imagePullPolicy: 'Always',
          command: ['python3'],
          args: ['main.py'],
          env: [{ name: 'DEPTH', value: '3' }],
          imagePullSecrets: [{ name: 'lab' }, { name: 'ours' }],
          runtimeClassName: 'gvisor',
          nodeSelector: { site: 'berlin' },
          tolerations: [toleration],
        },
      },
      { imagePullSecrets: ['ours'], priorityClass: 'low' },
    );
    const [container] = spec.containers;
    expect(container).toMatchObject({ image, imagePullPolicy: 'Always', command: ['python3'], args: ['main.py'] });
    expect(container?.env.at(-1)).toEqual({ name: 'DEPTH', value: '3' });
    expect(spec).toMatchObject({
      imagePullSecrets: [{ name: 'ours' }, { name: 'lab' }],
      runtimeClassName: 'gvisor',
      nodeSelector: { site: 'berlin' },
      priorityClassName: 'low',
      tolerations: [{ key: 'hardware/usb' }, toleration],
    });
    expect(spec.initContainers?.[0]?.image).toBe('autoweave/runner:0.1.0');
  });

  it('gets no more memory than the policy allows', () => {
    const memory = (resources: object | undefined, maxMemoryMegabytes?: number) => {
      const pod = { image, ...(resources === undefined ? {} : { resources }) };
      const limit = maxMemoryMegabytes === undefined ? {} : { maxMemoryMegabytes };
      const { limits, requests } = template({ pod }, limit).spec.containers[0]?.resources ?? {};
      return [requests?.['memory'], limits?.['memory']];
    };
    expect(memory(undefined)).toEqual(['64Mi', '64Mi']);
    expect(memory({ limits: { memory: '1Gi' } })).toEqual(['64Mi', '1Gi']);
    expect(memory({ limits: { memory: '1Gi' }, requests: { memory: '800Mi' } }, 512)).toEqual(['512Mi', '512Mi']);
    expect(memory({ limits: { memory: '32M' } }, 512)).toEqual(['32M', '32M']);
    expect(memory({ limits: { memory: '1e12' } }, 512)).toEqual(['64Mi', '512Mi']);
  });
});

describe('what makes the pods of a plugin', () => {
  const workload = (spec: Partial<AutoWeavePluginSpec>) =>
    pluginWorkload({ plugin: plugin(spec), runnerPods: testRunnerPods(), maxMemoryMegabytes: undefined, replicas: 4 });

  it.each<[string, Partial<AutoWeavePluginSpec>, object]>([
    ['DaemonSet', {}, { updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } } }],
    ['Deployment', { placement: { nodes: 'Any' } }, { replicas: 4 }],
    ['Job', { pod: { image }, placement: { once: true } }, { backoffLimit: 3 }],
  ])('is a %s', (kind, spec, part) => {
    const { object, resource } = workload(spec);
    expect(resource.kind).toBe(kind);
    expect(object).toMatchObject({ metadata: { name: 'awp-greeter', namespace: 'lab' }, spec: part });
  });

  it('runs a Job again for another image, another bundle or another plugin of the name, and for nothing else', () => {
    const known = plugin({ pod: { image }, placement: { once: true } });
    const revision = onceRevision(known);
    expect(onceRevision({ ...known, metadata: { ...known.metadata, resourceVersion: '7', generation: 9 } })).toBe(
      revision,
    );
    expect(onceRevision(plugin({ pod: { image }, placement: { once: true } }, 512))).toBe(revision);
    expect(onceRevision(plugin({ pod: { image: 'other' }, placement: { once: true } }))).not.toBe(revision);
    expect(onceRevision({ ...known, metadata: { ...known.metadata, uid: 'other' } })).not.toBe(revision);
    const bundle = { name: 'greeter', version: '2.0.0', digest: `sha256:${'1'.repeat(64)}` };
    expect(onceRevision({ ...known, status: { ...known.status, bundle } })).not.toBe(revision);
  });
});

describe('the runners of a namespace', () => {
  const daemonSet = (count: number) => {
    const plugins = Array.from({ length: count }, () => plugin({ runtime: 'Thread' }));
    return runnerDaemonSet({ namespace: 'lab', plugins, runnerPods: testRunnerPods() });
  };

  it('do not start anew for each plugin that comes or goes', () => {
    const changes = Array.from({ length: 60 }, (_, index) => JSON.stringify(daemonSet(index + 1)));
    expect(new Set(changes).size).toBe(6);
    expect(daemonSet(1).spec?.template?.spec?.containers?.[0]?.resources?.limits?.['memory']).toBe('512Mi');
  });
});
