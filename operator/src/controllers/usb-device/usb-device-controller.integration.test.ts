import { randomBytes } from 'node:crypto';
import {
  type AutoWeavePolicy,
  fieldManagers,
  resources,
  type UsbDevice,
  type UsbDeviceAttachment,
  type UsbNode,
  type UsbNodeStatus,
} from '@autoweave/crds';
import { builtinResources, EventRecorder, Informer, type KubeClient, type KubeObject } from '@autoweave/platform/kube';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connect } from '../testing/connect.ts';
import { usbDeviceController } from './usb-device-controller.ts';

const wait = { timeout: 20_000, interval: 50 };

describe('the UsbDevice controller', () => {
  it('says where a device is, with one Event a flip', async () => {
    const world = await startedController();
    const device = await world.device();
    await world.report(device, { nodeName: 'a', present: true, portPath: '1.4', lastEventId: 'a/0123456789ab/1' });
    await vi.waitFor(async () => {
      expect(await world.conditions(device)).toEqual({ Attached: 'True Attached', Ready: 'True Attached' });
    }, wait);

    await world.report(device, { nodeName: 'a', present: false, portPath: '1.4', lastEventId: 'a/0123456789ab/2' });
    await vi.waitFor(async () => {
      expect(await world.conditions(device)).toEqual({ Attached: 'False Detached', Ready: 'False Detached' });
    }, wait);
    expect(await world.events(device)).toEqual(['UsbAttached', 'UsbDetached']);
  });

  it('does not tell again what another leader told before', async () => {
    const first = await startedController();
    const device = await first.device();
    await first.report(device, { nodeName: 'a', present: true, lastEventId: 'a/0123456789ab/1' });
    await vi.waitFor(
      async () => expect(await first.conditions(device)).toMatchObject({ Ready: 'True Attached' }),
      wait,
    );
    await first.stop();
    for (const name of await first.eventNames(device)) {
      await first.client.delete(builtinResources.event, { namespace: 'default', name });
    }

    const second = await startedController({ label: first.label });
    await second.report(device, { nodeName: 'a', present: false, lastEventId: 'a/0123456789ab/2' });
    await vi.waitFor(
      async () => expect(await second.conditions(device)).toMatchObject({ Ready: 'False Detached' }),
      wait,
    );
    expect(await second.events(device)).toEqual(['UsbDetached']);
  });

  it('writes nothing while nothing changes', async () => {
    const world = await startedController();
    const device = await world.device();
    await world.report(device, { nodeName: 'a', present: true, lastEventId: 'a/0123456789ab/1' });
    await vi.waitFor(
      async () => expect(await world.conditions(device)).toMatchObject({ Ready: 'True Attached' }),
      wait,
    );
    const { resourceVersion } = (await world.stored(device)).metadata;

    const other = await world.device();
    world.enqueue(device);
    await world.report(other, { nodeName: 'a', present: true, lastEventId: 'a/0123456789ab/2' });
    await vi.waitFor(async () => expect(await world.conditions(other)).toMatchObject({ Ready: 'True Attached' }), wait);
    expect((await world.stored(device)).metadata.resourceVersion).toBe(resourceVersion);
  });

  it('warns of a device that two nodes hold, until one lets go', async () => {
    const world = await startedController();
    const device = await world.device();
    await world.report(device, { nodeName: 'a', present: true, lastEventId: 'a/0123456789ab/1' });
    await world.report(device, { nodeName: 'b', present: true, lastEventId: 'b/0123456789ab/1' });
    await vi.waitFor(async () => {
      expect(await world.conditions(device)).toMatchObject({ Conflicted: 'True PresentOnSeveralNodes' });
    }, wait);
    expect(await world.events(device)).toContain('PresentOnSeveralNodes');

    await world.report(device, { nodeName: 'b', present: false, lastEventId: 'b/0123456789ab/2' });
    await vi.waitFor(async () => {
      expect(await world.conditions(device)).toEqual({ Attached: 'True Attached', Ready: 'True Attached' });
    }, wait);
  });

  it('deletes what nobody expects after a day away, and nothing else', async () => {
    const world = await startedController();
    const [forgotten, expected, present] = [
      await world.device(),
      await world.device({ expected: true }),
      await world.device(),
    ];
    const nodeName = await world.node('desk');
    const since = new Date().toISOString();
    await world.report(forgotten, { nodeName, present: false, since });
    await world.report(expected, { nodeName, present: false, since });
    await world.report(present, { nodeName, present: true, since });
    await vi.waitFor(async () => expect(await world.conditions(forgotten)).toHaveProperty('Ready'), wait);

    world.passHours(25);
    for (const device of [expected, present, forgotten]) world.enqueue(device);
    await vi.waitFor(async () => expect(await world.get(forgotten)).toBeUndefined(), wait);
    expect(await world.get(expected)).toBeDefined();
    expect(await world.get(present)).toBeDefined();
  });

  it('removes the entry of a node that is no more, and leaves the rest', async () => {
    const world = await startedController();
    const [node, other] = [await world.node('gone'), await world.node('stays')];
    const device = await world.device();
    await world.report(device, { nodeName: node, present: true, lastEventId: `${node}/0123456789ab/1` });
    await world.report(device, { nodeName: other, present: false, lastEventId: `${other}/0123456789ab/1` });
    await vi.waitFor(
      async () => expect(await world.conditions(device)).toMatchObject({ Ready: 'True Attached' }),
      wait,
    );

    await world.client.delete(resources.usbNode, { name: node });
    await vi.waitFor(async () => {
      world.passHours(1 / 30);
      world.enqueue(device);
      expect(await world.conditions(device)).toMatchObject({ Attached: 'False Detached' });
    }, wait);

    const { attachments, identity } = (await world.stored(device)).status ?? {};
    expect(attachments?.map(({ nodeName }) => nodeName)).toEqual([other]);
    expect(identity?.quality).toBe('Serial');
    expect((await world.events(device)).filter((reason) => reason === 'UsbDetached')).toHaveLength(2);
  });

  it('removes the entry that an agent told from a journal that it has lost', async () => {
    const world = await startedController();
    const node = await world.node('new-journal');
    const [left, stayed] = [await world.device(), await world.device()];
    for (const device of [left, stayed])
      await world.report(device, { nodeName: node, present: true, lastEventId: `${node}/0123456789ab/1` });
    await vi.waitFor(async () => expect(await world.conditions(left)).toMatchObject({ Ready: 'True Attached' }), wait);
    await world.report(stayed, { nodeName: node, present: true, lastEventId: `${node}/ba9876543210/1` });
    await world.stateNode(node, { epoch: 'ba9876543210', statedEpoch: 'ba9876543210' });
    await vi.waitFor(
      async () => expect(await world.conditions(left)).toMatchObject({ Attached: 'False Detached' }),
      wait,
    );
    expect((await world.stored(left)).status?.attachments ?? []).toEqual([]);
    expect((await world.stored(stayed)).status?.attachments).toMatchObject([{ nodeName: node, present: true }]);
  });
});

type Attachment = Omit<UsbDeviceAttachment, 'nodeName'> & { readonly nodeName: string };

/** A controller that sees only the devices of its test, under a clock that the test moves. */
async function startedController({ label = randomBytes(4).toString('hex') } = {}) {
  const client = await connect();
  const metrics = new MetricsRegistry();
  const logger = createLogger({ name: 'test', level: 'silent' });
  const parts = { client, logger, metrics };
  const devices = new Informer<UsbDevice>({ ...parts, resource: resources.usbDevice, labelSelector: `test=${label}` });
  const nodes = new Informer<UsbNode>({ ...parts, resource: resources.usbNode });
  const policies = new Informer<AutoWeavePolicy>({
    ...parts,
    resource: resources.autoWeavePolicy,
    labelSelector: 'none',
  });
  const events = new EventRecorder({ ...parts, controller: 'autoweave.dev/operator', instance: 'test' });
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const controller = usbDeviceController({ ...parts, events, devices, nodes, policies, clock });
  for (const informer of [devices, nodes, policies]) informer.start();
  await controller.start();
  const stop = async (): Promise<void> => {
    await controller.stop();
    await Promise.all([devices.stop(), nodes.stop(), policies.stop(), events.stop()]);
  };
  onTestFinished(stop);
  return {
    ...clusterOf(client, label),
    client,
    label,
    stop,
    enqueue: (name: string) => controller.enqueue(name),
    passHours: (hours: number) => {
      ahead += hours * 3_600_000;
    },
  };
}

/** What agents, users and readers do. Devices go by their names. */
function clusterOf(client: KubeClient, label: string) {
  const get = (name: string) => client.get<UsbDevice>(resources.usbDevice, { name });
  const stored = async (name: string): Promise<UsbDevice> => {
    const device = await get(name);
    if (device === undefined) throw new Error(`${name} is gone`);
    return device;
  };
  const eventsOf = async (name: string) => {
    const fieldSelector = `regarding.name=${name}`;
    const { items } = await client.list<KubeObject & { reason: string; eventTime: string }>(builtinResources.event, {
      namespace: 'default',
      fieldSelector,
    });
    return items.toSorted((left, right) => (left.eventTime < right.eventTime ? -1 : 1));
  };
  return {
    get,
    stored,
    events: async (name: string) => (await eventsOf(name)).map(({ reason }) => reason),
    eventNames: async (name: string) => (await eventsOf(name)).map(({ metadata }) => metadata.name),
    conditions: async (name: string) => {
      const { conditions = [] } = (await stored(name)).status ?? {};
      return Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
    },
    device: async (spec: NonNullable<UsbDevice['spec']> = {}): Promise<string> => {
      const name = `046d-c31c-${randomBytes(8).toString('hex')}`;
      onTestFinished(async () => void (await client.delete(resources.usbDevice, { name })));
      await client.create<UsbDevice>(resources.usbDevice, { metadata: { name, labels: { test: label } }, spec });
      return name;
    },
    node: async (prefix: string): Promise<string> => {
      const name = `${prefix}-${label}`;
      onTestFinished(async () => void (await client.delete(resources.usbNode, { name })));
      await client.create<UsbNode>(resources.usbNode, { metadata: { name } });
      return name;
    },
    stateNode: async (name: string, status: UsbNodeStatus): Promise<void> => {
      const options = { fieldManager: fieldManagers.nodeAgent(name), subresource: 'status', force: true };
      await client.apply<UsbNode>(resources.usbNode, { metadata: { name }, status }, options);
    },
    report: async (name: string, attachment: Attachment): Promise<void> => {
      const signature = name.slice(-16);
      const identity = { vendorId: '046d', productId: 'c31c', signature, quality: 'Serial' as const };
      await client.apply<UsbDevice>(
        resources.usbDevice,
        { metadata: { name }, status: { identity, attachments: [attachment] } },
        { fieldManager: fieldManagers.nodeAgent(attachment.nodeName), subresource: 'status', force: true },
      );
    },
  };
}
