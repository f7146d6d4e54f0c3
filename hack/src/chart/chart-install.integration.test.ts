import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { builtinResources, type KubeObject } from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../processes/run-command.ts';
import { ChartCluster } from './testing/chart-cluster.ts';
import { givenPassword, HelmClient } from './testing/helm-client.ts';
import { type PodOf, podsOf } from './testing/pods-of.ts';
import { rightsOf } from './testing/rights-of.ts';
import { valueMatrix } from './testing/value-matrix.ts';

const root = join(import.meta.dirname, '../../..');
const secretResource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };
let cluster: ChartCluster;

beforeAll(async () => {
  cluster = await ChartCluster.start();
  await cluster.makeNamespaces('autoweave-node', 'autoweave-plugins', 'lab-a', 'lab-b');
  await cluster.kubectl([
    'apply',
    '--server-side',
    '--filename',
    join(import.meta.dirname, 'testdata/monitoring-kinds.yaml'),
  ]);
  for (const level of ['restricted', 'privileged']) {
    const labels = { 'pod-security.kubernetes.io/enforce': level };
    await cluster.kubectlWith(['create'], [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: level, labels } }]);
  }
}, 900_000);

afterAll(() => cluster?.stop());

describe('what the chart renders', () => {
  it.each(Object.keys(valueMatrix))('is taken by the API server: %s', async (name) => {
    const manifests = await cluster.helm.template(valueMatrix[name] ?? {});
    const ours = manifests.filter(({ kind }) => kind !== 'AutoWeavePolicy');
    const flags = ['apply', '--server-side', '--dry-run=server', '--force-conflicts', '--validate=strict'];
    const output = await cluster.kubectlWith(flags, ours);
    expect(output.trim().split('\n')).toHaveLength(ours.length);
  });

  it.each(Object.keys(valueMatrix))('has pods that pass the Pod Security of their namespace: %s', async (name) => {
    const pods = podsOf(await cluster.helm.template(valueMatrix[name] ?? {}));
    const onHost = pods.filter(({ template }) => JSON.stringify(template.spec).includes('hostPath'));
    expect(onHost.map(({ owner }) => owner.kind)).toEqual(name === 'parts of the host' ? ['DaemonSet'] : []);
    await createPods(
      pods.filter((pod) => !onHost.includes(pod)),
      'restricted',
    );
    if (onHost.length === 0) return;
    await createPods(onHost, 'privileged');
    await expect(createPods(onHost, 'restricted')).rejects.toThrow(/violates PodSecurity.*hostPath/);
  });
});

/** They are there, and would never be gone: nothing here deletes what is in a namespace. */
const own = { namespaces: { node: { create: false }, plugins: { create: false } } };

describe('a release', () => {
  it('is refused before anything is installed when a Secret that it names is missing, or lacks a key', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'urls', namespace: 'autoweave-node' } };
    await cluster.kubectlWith(['create'], [{ ...secret, stringData: { 'agent-redis-url': 'redis://a' } }]);
    onTestFinished(
      async () => void (await cluster.kubectl(['delete', 'secret', 'urls', '--namespace=autoweave-node'])),
    );
    const existingSecrets = { operator: 'url', nodeAgent: 'urls' };
    const values = { ...own, redis: { enabled: false }, externalRedis: { existingSecrets } };
    const install = cluster.helm.release('install', values);
    await expect(install).rejects.toThrow(
      /externalRedis.existingSecrets.operator is url, but namespace autoweave-system has no such/,
    );
    await expect(install).rejects.toThrow(
      /existingSecrets.nodeAgent is urls, .* no such Secret with executor-redis-url: make it first/,
    );
    expect(await cluster.helm.run(['list', '--all', '--short'])).toBe('');
    expect(await cluster.kubectl(['get', 'clusterroles', '--selector=app.kubernetes.io/part-of=autoweave'])).toBe('');
  });

  it('is installed, upgraded with the same passwords, rolled back, uninstalled, and installed again over what was kept', async () => {
    const { helm } = cluster;
    onTestFinished(uninstall);
    const [, notes = ''] = (await helm.release('install', own)).split('NOTES:\n');
    await expect(notes).toMatchFileSnapshot('testdata/notes.txt');
    await cluster.kubectl([
      'wait',
      '--for=condition=Established',
      'customresourcedefinitions',
      '--all',
      '--timeout=30s',
    ]);
    const first = await passwords();
    await helm.release('upgrade', { ...own, operator: { replicas: 3 } });
    expect(await passwords()).toEqual(first);
    expect(await replicas()).toBe(3);
    await helm.run(['rollback', 'autoweave', '1', '--no-hooks']);
    expect(await replicas()).toBe(2);
    expect(await passwords()).toEqual(first);

    const device = '046d-c31c-0123456789abcdef';
    const kept = {
      apiVersion: 'autoweave.dev/v1alpha1',
      kind: 'UsbDevice',
      metadata: { name: device },
      spec: { expected: true },
    };
    await cluster.kubectlWith(['create'], [kept]);
    // Nothing runs the hook here; the next test runs what is in it.
    await helm.run(['uninstall', 'autoweave', '--no-hooks']);
    expect(
      await cluster.kubectl(['get', 'deployments,daemonsets,statefulsets,secrets,serviceaccounts', '--all-namespaces']),
    ).toBe('');
    expect(await cluster.kubectl(['get', 'usbdevices', '--output=name'])).toContain(device);

    const helm4 = await HelmClient.open(4, cluster.plane.kubeconfigPath);
    onTestFinished(() => helm4.close());
    await helm4.release('install', own);
    expect(await replicas()).toBe(2);
    expect(await passwords()).not.toEqual(first);
    await helm4.release('upgrade', { ...own, ...givenPassword });
    await helm4.run(['uninstall', 'autoweave', '--no-hooks']);
  }, 180_000);

  it('takes what the operator made with it, before it goes, with no more rights than that needs', async () => {
    const account = { namespace: 'autoweave-system', name: 'autoweave-uninstall' };
    await cluster.helm.release('install', own);
    onTestFinished(uninstall);
    await createPods(podsOf(await cluster.makeHooks('pre-delete')), 'restricted');
    await expect(await rightsOf(cluster, account)).toMatchFileSnapshot('testdata/rights-of-uninstall.txt');
    const [node, foreign] = [`node-${randomUUID()}`, `node-${randomUUID()}`];
    const labels = { 'usb.autoweave.dev/046d-c31c': 'true', 'placement.autoweave.dev/some-uid': 'true' };
    await cluster.admin.create(builtinResources.node, { metadata: { name: node, labels: { zone: 'a' } } });
    await cluster.admin.create(builtinResources.node, { metadata: { name: foreign } });
    const options = { fieldManager: 'autoweave-operator-node-labels', force: true };
    await cluster.admin.apply(builtinResources.node, { metadata: { name: node, labels } }, options);
    const made = [daemonSet('awp-plugin', 'autoweave'), daemonSet('of-somebody-else', 'somebody')];
    await cluster.kubectlWith(['create', '--namespace=autoweave-plugins'], made);

    const environment = { KUBECONFIG: await cluster.kubeconfigOf(account), AW_PLUGIN_NAMESPACES: 'autoweave-plugins' };
    await runCommand(process.execPath, [join(root, 'operator/src/main.ts'), 'uninstall'], { environment });
    expect(await replicas()).toBe(0);
    expect((await cluster.admin.get<KubeObject>(builtinResources.node, { name: node }))?.metadata.labels).toEqual({
      zone: 'a',
    });
    expect(await cluster.kubectl(['get', 'daemonsets', '--namespace=autoweave-plugins', '--output=name'])).toBe(
      'daemonset.apps/of-somebody-else\n',
    );
  });
});

/** Nothing here would run the hooks. */
async function uninstall(): Promise<void> {
  await cluster.helm.run(['uninstall', 'autoweave', '--no-hooks', '--ignore-not-found']);
}

async function createPods(pods: readonly PodOf[], namespace: string): Promise<void> {
  const objects = pods.map(({ owner: { metadata }, template: { spec } }) => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: metadata.name, namespace } };
    return { ...pod, spec: { ...spec, priorityClassName: undefined } };
  });
  await cluster.kubectlWith(['create', '--dry-run=server'], objects);
}

/** What the Secrets hold. */
async function passwords(): Promise<readonly unknown[]> {
  const names = [
    { namespace: 'autoweave-system', name: 'autoweave-redis' },
    { namespace: 'autoweave-system', name: 'autoweave-operator-redis' },
    { namespace: 'autoweave-node', name: 'autoweave-node-agent-redis' },
  ];
  const secrets = await Promise.all(names.map((name) => cluster.admin.get(secretResource, name)));
  return secrets.map((found) => (found as { data?: unknown } | undefined)?.data ?? 'missing');
}

async function replicas(): Promise<number> {
  const path = [
    'get',
    'deployment',
    'autoweave-operator',
    '--namespace=autoweave-system',
    '--output=jsonpath={.spec.replicas}',
  ];
  return Number(await cluster.kubectl(path));
}

function daemonSet(name: string, managedBy: string): object {
  const labels = { 'app.kubernetes.io/managed-by': managedBy };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'none' }] } };
  const spec = { selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, labels }, spec };
}
