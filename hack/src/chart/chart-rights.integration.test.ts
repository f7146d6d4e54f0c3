import { fieldManagers, resources, type UsbDevice } from '@autoweave/crds';
import { builtinResources, type KubeClient, type RawRequest } from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChartCluster } from './testing/chart-cluster.ts';
import {
  descriptor,
  deviceName as name,
  labels,
  node,
  otherNode as other,
  statusOf,
} from './testing/device-objects.ts';
import { forbiddenWrites } from './testing/forbidden-writes.ts';
import { rightsOf } from './testing/rights-of.ts';

const agentAccount = { namespace: 'autoweave-node', name: 'autoweave-node-agent' };
const operatorAccount = { namespace: 'autoweave-system', name: 'autoweave-operator' };
const runnerAccount = { namespace: 'autoweave-plugins', name: 'autoweave-runner' };

let cluster: ChartCluster;
let agent: KubeClient;
let otherAgent: KubeClient;
let operator: KubeClient;

beforeAll(async () => {
  cluster = await ChartCluster.start();
  await cluster.helm.release('install', {});
  for (const plural of ['usbdevices', 'usbnodes', 'autoweaveplugins']) {
    await cluster.kubectl(['wait', '--for=condition=Established', `customresourcedefinition/${plural}.autoweave.dev`]);
  }
  const taint = { key: 'hardware/usb', value: 'true', effect: 'NoSchedule' };
  for (const nodeName of [node, other]) {
    const metadata = { name: nodeName, labels: { zone: 'a', kept: 'true' } };
    await cluster.admin.create(builtinResources.node, { metadata, spec: { taints: [taint] } });
  }
  agent = await agentOf(node);
  otherAgent = await agentOf(other);
  operator = await cluster.clientOf(operatorAccount);
  await untilPoliciesHold();
  await describeDevice(otherAgent, other);
  await apply(otherAgent, 'usbnodes', { metadata: { name: other } });
}, 900_000);

afterAll(() => cluster?.stop());

describe('the agent of a node', () => {
  it('writes its own entries', async () => {
    await describeDevice(agent, node);
    await describeDevice(agent, node, { present: false });
    await apply(agent, 'usbnodes', { metadata: { name: node } });
    await apply(agent, 'usbnodes/status', { metadata: { name: node }, status: { devicesPresent: 1 } });
    const { status } = await device();
    const presence = status?.attachments?.map(({ nodeName, present }) => [nodeName, present]);
    expect(Object.fromEntries(presence ?? [])).toEqual({ [node]: false, [other]: true });
  });

  it.each(forbiddenWrites)('may not write $what', async ({ resource, object, manager }) => {
    await expectRefusal(apply(agent, resource, object, manager ?? fieldManagers.nodeAgent(node)));
  });

  it('may delete nothing', async () => {
    for (const path of [`usbdevices/${name}`, 'usbdevices', `usbnodes/${node}`, `usbnodes/${other}`, 'usbnodes']) {
      await expectRefusal(agent.request({ method: 'DELETE', path: `/apis/autoweave.dev/v1alpha1/${path}` }));
    }
  });

  it('may write nothing with a token that is not of a pod on a node', async () => {
    const withoutPod = await cluster.clientOf(agentAccount);
    await expectRefusal(apply(withoutPod, 'usbnodes', { metadata: { name: node } }));
    await expectRefusal(describeDevice(withoutPod, node));
  });

  it('may do what was reviewed, and no more', async () => {
    await expect(await rightsOf(cluster, agentAccount)).toMatchFileSnapshot('testdata/rights-of-node-agent.txt');
  });
});

describe('the operator', () => {
  it('writes, and removes, labels of its prefixes on nodes', async () => {
    const own = { 'usb.autoweave.dev/046d-c31c': 'true', 'placement.autoweave.dev/some-uid': 'true' };
    await patchNode({ metadata: { labels: own } });
    expect(await nodeLabels()).toMatchObject({ ...own, zone: 'a' });
    await patchNode({ metadata: { labels: { 'usb.autoweave.dev/046d-c31c': null } } });
    expect(await nodeLabels()).toEqual({ 'placement.autoweave.dev/some-uid': 'true', zone: 'a', kept: 'true' });
  });

  it.each([
    ['another label', { metadata: { labels: { 'example.com/a': 'true' } } }],
    ['a label that looks like one of its own', { metadata: { labels: { 'usb.autoweave.dev.example.com/a': 'true' } } }],
    ['another value of a label', { metadata: { labels: { zone: 'b' } } }],
    ['no label where there was one', { metadata: { labels: { kept: null } } }],
    ['its own label beside another', { metadata: { labels: { 'usb.autoweave.dev/a': 'true', zone: 'b' } } }],
    ['an annotation', { metadata: { annotations: { 'usb.autoweave.dev/a': 'true' } } }],
    ['a finalizer', { metadata: { finalizers: ['usb.autoweave.dev/a'] } }],
    ['a taint', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }],
    ['no taint where there was one', { spec: { taints: [] } }],
    ['that a node takes no pods', { spec: { unschedulable: true } }],
  ])('may not write %s on a node', async (_what, patch) => {
    await expectRefusal(patchNode(patch));
  });

  it('may neither make nor delete a node, nor write its status', async () => {
    await expectRefusal(patchNode({ status: { phase: 'Running' } }, '/status'));
    await expectRefusal(operator.create(builtinResources.node, { metadata: { name: 'node-c' } }));
    await expectRefusal(operator.delete(builtinResources.node, { name: node }));
    const options = { fieldManager: fieldManagers.nodeLabels, force: true };
    await expectRefusal(operator.apply(builtinResources.node, { metadata: { name: 'node-c' } }, options));
  });

  it('may do what was reviewed, and no more', async () => {
    await expect(await rightsOf(cluster, operatorAccount)).toMatchFileSnapshot('testdata/rights-of-operator.txt');
  });
});

describe('the pods of plugins', () => {
  it('may do nothing', async () => {
    expect(await rightsOf(cluster, runnerAccount)).toBe('');
    expect(await rightsOf(cluster, { namespace: 'autoweave-plugins', name: 'awp-some-plugin' })).toBe('');
  });
});

async function agentOf(nodeName: string): Promise<KubeClient> {
  const { namespace, name: serviceAccount } = agentAccount;
  const pod = await cluster.makePod({ namespace, serviceAccount, node: nodeName });
  return cluster.clientOf({ ...agentAccount, pod });
}

/** A policy holds a moment after it was made. */
async function untilPoliciesHold(): Promise<void> {
  await vi.waitFor(() => expectRefusal(apply(agent, 'usbnodes', { metadata: { name: other } })), { timeout: 30_000 });
  const patch = { metadata: { labels: { 'example.com/a': 'true' } } };
  await vi.waitFor(() => expectRefusal(patchNode(patch)), { timeout: 30_000 });
  await cluster.kubectl(['label', 'nodes', node, 'example.com/a-']);
}

async function expectRefusal(attempt: Promise<unknown>): Promise<void> {
  await expect(attempt).rejects.toMatchObject({ status: 403, reason: 'Forbidden' });
}

function apply(client: KubeClient, resource: string, object: object, fieldManager = 'test'): Promise<string> {
  const [plural = '', subresource] = resource.split('/');
  const metadata = (object as { metadata: { name: string; namespace?: string } }).metadata;
  const found = [...Object.values(resources), builtinResources.node].find((candidate) => candidate.plural === plural);
  if (found === undefined) throw new Error(`no resource ${resource}`);
  const options = { fieldManager, force: true, ...(subresource === undefined ? {} : { subresource }) };
  return client.apply(found, { ...object, metadata }, options).then(JSON.stringify);
}

async function describeDevice(client: KubeClient, nodeName: string, change: object = {}): Promise<void> {
  const manager = fieldManagers.nodeAgent(nodeName);
  await apply(client, 'usbdevices', { metadata: { name, labels } }, manager);
  const { metadata, status } = statusOf(nodeName, change);
  await apply(
    client,
    'usbdevices/status',
    { metadata, status: { ...status, descriptor: descriptor('Keyboard') } },
    manager,
  );
}

async function device(): Promise<UsbDevice> {
  const found = await cluster.admin.get<UsbDevice>(resources.usbDevice, { name });
  if (found === undefined) throw new Error('the device is gone');
  return found;
}

async function patchNode(patch: object, subresource = ''): Promise<void> {
  const request: RawRequest = {
    method: 'PATCH',
    path: `/api/v1/nodes/${node}${subresource}`,
    contentType: 'application/merge-patch+json',
    body: JSON.stringify(patch),
  };
  await operator.request(request);
}

async function nodeLabels(): Promise<Readonly<Record<string, string>> | undefined> {
  return (await cluster.admin.get(builtinResources.node, { name: node }))?.metadata.labels;
}
