import { nodeLabels, resources, type AutoWeavePlugin, type UsbDevice } from '@autoweave/crds';
import { builtinResources, Informer, type KubeClient } from '@autoweave/platform/kube';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ClusterNode, ownLabels, strippedNode } from '../../cluster-node.ts';
import { createListeningPlugin, createNamespace } from '../../testing/test-objects.ts';
import { testRunnerPods } from '../../workloads/testing/test-runner-pods.ts';
import { connect } from '../testing/connect.ts';
import { applyNodeLabels } from './apply.ts';
import { nodeLabelsController } from './node-labels-controller.ts';

const patience = { timeout: 20_000, interval: 50 };
const signal = AbortSignal.timeout(60_000);
const product = nodeLabels.product('046d', 'c31c');
const keyboards = nodeLabels.deviceClass('03');

let client: KubeClient;
let node: string;
let namespace: string;

beforeEach(async () => {
  client = await connect();
  node = `labels-${randomBytes(4).toString('hex')}`;
  namespace = node;
  await Promise.all([createNode({ zone: 'x' }), createNamespace(client, namespace)]);
});

describe('the node labels controller', () => {
  it('tells what a node holds, outlasts a reset, and keeps the plugin for its grace', async () => {
    const plugin = await createPlugin();
    const { pass } = await startController();
    const device = await plug();
    await expectLabels(product, keyboards, plugin);

    await report(device, false);
    await pass({ seconds: 4 });
    await expectLabels(product, keyboards, plugin);
    await pass({ seconds: 2 });
    await expectLabels(plugin);
    await pass({ seconds: 200 });
    await report(device, true);
    await expectLabels(product, keyboards, plugin);
    await report(device, false);
    await pass({ seconds: 310 });
    await expectLabels();
    expect((await stored())?.metadata.labels).toMatchObject({ zone: 'x' });
  });

  it('counts the grace over a restart of the operator', async () => {
    const plugin = await createPlugin();
    const first = await startController();
    const device = await plug();
    await expectLabels(product, keyboards, plugin);
    await first.stop();
    await report(device, false, new Date(Date.now() - 200_000));

    const second = await startController();
    await expectLabels(plugin);
    await second.pass({ seconds: 90 });
    await expectLabels(plugin);
    await second.pass({ seconds: 20 });
    await expectLabels();
  });

  it('takes the label of a plugin that is deleted, and those that others left', async () => {
    const plugin = await createPlugin();
    const { pass } = await startController();
    await plug();
    await expectLabels(product, keyboards, plugin);
    await client.delete(resources.autoWeavePlugin, { namespace, name: 'p' });
    await expectLabels(product, keyboards);

    const stale = nodeLabels.plugin('00000000-0000-4000-8000-000000000000');
    const labels = { [stale]: 'true', other: 'y' };
    await client.apply<ClusterNode>(
      builtinResources.node,
      { metadata: { name: node, labels } },
      { fieldManager: 'somebody' },
    );
    await pass({ seconds: 1 });
    await expectLabels(product, keyboards);
    expect((await stored())?.metadata.labels).toMatchObject({ zone: 'x', other: 'y' });
  });

  it('places the runner of a namespace with its plugins of runtime Thread', async () => {
    const plugin = await createPlugin('Thread');
    await startController();
    await plug();
    await expectLabels(product, keyboards, plugin, nodeLabels.runner(namespace));
  });

  it('writes nothing while nothing changes', async () => {
    await createPlugin();
    const { pass } = await startController();
    const device = await plug();
    await vi.waitFor(async () => expect(Object.keys(await labelsNow())).toHaveLength(3), patience);
    const { resourceVersion } = (await stored())?.metadata ?? {};
    await report(device, true, new Date(0));
    await pass({ seconds: 1_000 });
    // The first pass is over when another one is asked for.
    await pass({ seconds: 1_000 });
    expect((await stored())?.metadata.resourceVersion).toBe(resourceVersion);
  });

  it('makes no node', async () => {
    const gone = await stored();
    if (gone === undefined) throw new Error('There is no node');
    await client.delete(builtinResources.node, { name: node });
    await expect(applyNodeLabels(client, gone, { [product]: 'true' }, signal)).rejects.toThrow(/uid/i);
    const { pass } = await startController();
    await plug();
    await pass({ seconds: 1 });
    expect(await stored()).toBeUndefined();
  });
});

async function startController() {
  const parts = { client, logger: createLogger({ name: 'test', level: 'silent' }), metrics: new MetricsRegistry() };
  const devices = new Informer<UsbDevice>({ ...parts, resource: resources.usbDevice });
  const plugins = new Informer<AutoWeavePlugin>({ ...parts, resource: resources.autoWeavePlugin, namespace });
  const clusterNodes = new Informer<ClusterNode>({
    ...parts,
    resource: builtinResources.node,
    fieldSelector: `metadata.name=${node}`,
    transform: strippedNode,
  });
  const informers = [devices, plugins, clusterNodes];
  for (const informer of informers) informer.start();
  await Promise.all(informers.map((informer) => informer.whenSynced(signal)));
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const runnerPods = testRunnerPods();
  const controller = nodeLabelsController({ ...parts, devices, plugins, clusterNodes, runnerPods, clock });
  await controller.start();
  const stop = async (): Promise<void> => {
    await controller.stop();
    await Promise.all(informers.map((informer) => informer.stop()));
  };
  onTestFinished(stop);
  return {
    stop,
    /** A pass that much later. */
    pass: async ({ seconds }: { readonly seconds: number }): Promise<void> => {
      const version = async () => (await client.get<UsbDevice>(resources.usbDevice, { name: marker }))?.metadata;
      const marker = await plug('elsewhere');
      const { resourceVersion } = (await version()) ?? {};
      await vi.waitFor(() => expect(devices.get(marker)?.metadata.resourceVersion).toBe(resourceVersion), patience);
      ahead += seconds * 1_000;
      controller.enqueue(node);
    },
  };
}

async function createPlugin(runtime: 'Thread' | 'Pod' = 'Pod'): Promise<string> {
  const { metadata } = await createListeningPlugin(client, namespace, 'p');
  const spec = { source: { configMapRef: { name: 'files' } }, runtime, triggers: [{ actions: ['attach' as const] }] };
  const options = { fieldManager: 'test', force: true };
  await client.apply<AutoWeavePlugin>(resources.autoWeavePlugin, { metadata: { namespace, name: 'p' }, spec }, options);
  return nodeLabels.plugin(metadata.uid ?? '');
}

async function createNode(labels: Readonly<Record<string, string>>): Promise<void> {
  await client.create<ClusterNode>(builtinResources.node, { metadata: { name: node, labels } });
  onTestFinished(async () => void (await client.delete(builtinResources.node, { name: node })));
}

/** A keyboard. @returns its name. */
async function plug(place = node): Promise<string> {
  const name = `046d-c31c-${randomBytes(8).toString('hex')}`;
  await client.create<UsbDevice>(resources.usbDevice, { metadata: { name } });
  onTestFinished(async () => void (await client.delete(resources.usbDevice, { name })));
  await report(name, true, new Date(), place);
  return name;
}

async function report(name: string, present: boolean, since = new Date(), nodeName = node): Promise<void> {
  const [vendorId = '', productId = '', signature = ''] = name.split('-');
  const status = {
    identity: { vendorId, productId, signature, quality: 'Serial' as const },
    descriptor: { id: `${vendorId}:${productId}`, class: 'hid', deviceClass: '00', interfaceClasses: ['03'] },
    attachments: [{ nodeName, present, since: since.toISOString() }],
  };
  const options = { fieldManager: 'agent', force: true, subresource: 'status' };
  await client.apply<UsbDevice>(resources.usbDevice, { metadata: { name }, status }, options);
}

async function stored(): Promise<ClusterNode | undefined> {
  return client.get<ClusterNode>(builtinResources.node, { name: node });
}

async function labelsNow(): Promise<Readonly<Record<string, string>>> {
  const object = await stored();
  return object === undefined ? {} : ownLabels(object);
}

async function expectLabels(...keys: readonly string[]): Promise<void> {
  const expected = Object.fromEntries(keys.map((key) => [key, 'true']));
  await vi.waitFor(async () => expect(await labelsNow()).toEqual(expected), patience);
}
