import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { givenPassword, HelmClient, type KubernetesManifest } from './testing/helm-client.ts';
import { isAllowed, type Peer } from './testing/network-verdict.ts';
import { podsOf } from './testing/pods-of.ts';

let helm: HelmClient;
let defaults: readonly KubernetesManifest[];

beforeAll(async () => {
  helm = await HelmClient.open(3);
  defaults = await helm.template();
}, 900_000);

afterAll(() => helm?.close());

const ofTheOperator = { 'app.kubernetes.io/managed-by': 'autoweave' };
const plugin: Peer = { namespace: 'autoweave-plugins', labels: ofTheOperator };
const foreignPod: Peer = { namespace: 'autoweave-plugins', labels: {} };
const stranger: Peer = { namespace: 'default', labels: {} };
const prometheus: Peer = { namespace: 'monitoring', labels: {} };
const dns: Peer = { namespace: 'kube-system', labels: {} };
const internet: Peer = {};

function pod(kind: string): Peer {
  const found = podsOf(defaults).find(({ owner }) => owner.kind === kind);
  const { labels } = (found?.template.metadata ?? {}) as { readonly labels?: Readonly<Record<string, string>> };
  return { namespace: found?.owner.metadata.namespace ?? '', labels: labels ?? {} };
}

function peers(): Readonly<Record<string, Peer>> {
  const named = { operator: pod('Deployment'), agent: pod('DaemonSet'), redis: pod('StatefulSet') };
  return { ...named, plugin, foreignPod, stranger, prometheus, dns, internet };
}

/** An API server is an address, as far as policies go. */
const open = [
  'operator → redis:6379',
  'agent → redis:6379',
  'plugin → agent:7788',
  'operator → internet:6443',
  'agent → internet:443',
  'operator → dns:53',
  'plugin → dns:53',
];
const closed = [
  'plugin → redis:6379',
  'plugin → operator:8080',
  'plugin → agent:8081',
  'plugin → agent:8082',
  'plugin → internet:443',
  'plugin → internet:6443',
  'plugin → plugin:8000',
  'foreignPod → redis:6379',
  'foreignPod → agent:7788',
  'stranger → redis:6379',
  'stranger → operator:8080',
  'stranger → agent:7788',
  'stranger → agent:8081',
  'stranger → plugin:8000',
  'prometheus → operator:8080',
  'agent → operator:8080',
  'operator → agent:7788',
  'operator → internet:80',
  'redis → operator:8080',
  'redis → internet:443',
  'redis → dns:53',
];

describe('the network policies', () => {
  it.each(open)('open %s', (line) => expect(verdict(defaults, line)).toBe(true));
  it.each(closed)('close %s', (line) => expect(verdict(defaults, line)).toBe(false));

  it('open the metrics to Prometheus when it is asked to come', async () => {
    const monitored = await helm.template({ ...givenPassword, monitoring: { podMonitor: { enabled: true } } });
    for (const line of ['prometheus → agent:8081', 'prometheus → agent:8082', 'prometheus → operator:8080']) {
      expect(verdict(monitored, line), line).toBe(true);
    }
    expect(verdict(monitored, 'prometheus → redis:6379')).toBe(false);
    expect(verdict(monitored, 'prometheus → agent:7788')).toBe(false);
  });

  it('let the API server ask the operator when they know where it is', async () => {
    const known = await helm.template({ ...givenPassword, networkPolicy: { apiServerCidrs: ['10.0.0.1/32'] } });
    expect(verdict(defaults, 'internet → operator:8080')).toBe(false);
    expect(verdict(known, 'internet → operator:8080')).toBe(true);
    expect(verdict(known, 'internet → redis:6379')).toBe(false);
  });

  it('open what leads to a collector, and to the proxy on the way', async () => {
    const proxy = { http: 'http://proxy.example.com:3128' };
    const monitoring = { otlp: { endpoint: 'https://collector.example.com' } };
    const traced = await helm.template({ ...givenPassword, proxy, monitoring });
    for (const port of [443, 3128]) expect(verdict(traced, `agent → internet:${port}`)).toBe(true);
    expect(verdict(traced, 'agent → internet:80')).toBe(false);
  });

  it('open what leads to a Redis of the user, and to nothing else', async () => {
    const url = 'rediss://user:password@redis.example.com:6380/0';
    const external = await helm.template({ redis: { enabled: false }, externalRedis: { url } });
    expect(verdict(external, 'agent → internet:6380')).toBe(true);
    expect(verdict(external, 'operator → internet:6380')).toBe(true);
    expect(verdict(external, 'plugin → internet:6380')).toBe(false);
    expect(verdict(external, 'agent → internet:80')).toBe(false);
  });
});

/** @param line `from → to:port` */
function verdict(manifests: readonly KubernetesManifest[], line: string): boolean {
  const [, from = '', to = '', port = ''] = /^(\w+) → (\w+):(\d+)$/.exec(line) ?? [];
  const known = peers();
  const [source, target] = [known[from], known[to]];
  if (source === undefined || target === undefined) throw new Error(`no such peer in "${line}"`);
  return isAllowed(manifests, {
    from: source,
    to: target,
    port: Number(port),
    protocol: port === '53' ? 'UDP' : 'TCP',
  });
}
