import { randomUUID } from 'node:crypto';
import { fieldManagers, resources, type UsbDevice, type UsbDeviceAttachment } from '@autoweave/crds';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { ClusterWriter } from '../cluster/cluster-writer.ts';
import type { WriteBudgetOptions } from '../cluster/write-budget.ts';
import type { Journal } from '../journal/journal.ts';
import { UsbIds } from '../names/usb-ids.ts';
import type { KnownDevice } from '../ports.ts';
import { sampleDevice, sampleTransition } from '../testing/sample-transition.ts';
import { temporaryJournal } from '../testing/temporary-journal.ts';
import { UsbDeviceWriter } from './usb-device-writer.ts';

const patience = { timeout: 20_000, interval: 20 };
const logger = createLogger({ name: 'test', level: 'silent' });
const resource = resources.usbDevice;

let client: KubeClient;

beforeAll(async () => {
  client = new KubeClient(await loadClusterAccess({ kubeconfigPath: inject('kubeconfigPath') }));
  return () => client.close();
});

interface Node {
  readonly nodeName: string;
  readonly journal: Journal;
  readonly metrics: MetricsRegistry;
  readonly writer: UsbDeviceWriter;
}

function startNode(budget: Partial<WriteBudgetOptions> = {}): Node {
  const nodeName = `node-${randomUUID()}`;
  const journal = temporaryJournal(nodeName);
  const metrics = new MetricsRegistry();
  const whole = { burst: 50, perSecond: 10, spacingMilliseconds: 0, ...budget };
  const fieldManager = fieldManagers.nodeAgent(nodeName);
  const cluster = new ClusterWriter({ client, fieldManager, budget: whole, logger, metrics });
  const writer = new UsbDeviceWriter({ writer: cluster, journal, nodeName, usbIds: new UsbIds(), logger, metrics });
  void writer.start();
  onTestFinished(() => writer.stop());
  return { nodeName, journal, metrics, writer };
}

function newDevice(overrides: Partial<KnownDevice> = {}): KnownDevice {
  const device = sampleDevice({ serialNumber: randomUUID(), ...overrides });
  onTestFinished(async () => void (await client.delete(resource, { name: device.name })));
  return device;
}

async function read(device: KnownDevice): Promise<UsbDevice | undefined> {
  return client.get<UsbDevice>(resource, { name: device.name });
}

async function attachments(device: KnownDevice): Promise<readonly UsbDeviceAttachment[] | undefined> {
  return (await read(device))?.status?.attachments;
}

function presence(list: readonly UsbDeviceAttachment[] | undefined): Record<string, boolean> {
  return Object.fromEntries((list ?? []).map(({ nodeName, present }) => [nodeName, present]));
}

async function expectPresence(device: KnownDevice, expected: Record<string, boolean>): Promise<void> {
  await vi.waitFor(async () => expect(presence(await attachments(device))).toEqual(expected), patience);
}

function appliedCount({ metrics }: Node): number {
  const line = /autoweave_cluster_writes_total\{kind="UsbDevice",outcome="applied"\} (\d+)/.exec(metrics.render());
  return Number(line?.[1] ?? 0);
}

describe('the writer of UsbDevices', () => {
  it('creates the object of a new device with all that its columns show', async () => {
    const { nodeName, journal } = startNode();
    const device = newDevice();
    const event = journal.record(sampleTransition('attach', device));
    await expectPresence(device, { [nodeName]: true });
    expect(await read(device)).toMatchObject({
      metadata: { labels: { 'autoweave.dev/vendor-id': '046d', 'autoweave.dev/product-id': 'c31c' } },
      status: {
        identity: { vendorId: '046d', productId: 'c31c', serialNumber: device.serialNumber, quality: 'Serial' },
        descriptor: {
          id: '046d:c31c',
          vendorName: 'Logitech',
          productName: 'USB Keyboard',
          class: 'hid',
          speedMegabits: 1.5,
        },
        attachments: [{ portPath: '1', drivers: ['usbhid'], lastEventId: event.eventId, source: 'netlink' }],
      },
    });
  });

  it('tells that a device left, and then forgets it', async () => {
    const { nodeName, journal } = startNode();
    const device = newDevice();
    journal.record(sampleTransition('attach', device));
    await expectPresence(device, { [nodeName]: true });
    const event = journal.record(sampleTransition('detach', device));
    await vi.waitFor(async () => {
      expect(await attachments(device)).toMatchObject([{ present: false, lastEventId: event.eventId }]);
    }, patience);
    await vi.waitFor(() => expect([...journal.devices.values()]).toEqual([]), patience);
    expect((await read(device))?.status?.identity?.serialNumber).toBe(device.serialNumber);
  });

  it('sends nothing when nothing changed', async () => {
    const node = startNode();
    const device = newDevice();
    node.journal.record(sampleTransition('attach', device));
    await expectPresence(device, { [node.nodeName]: true });
    node.journal.refresh({ ...device });
    const other = newDevice({ sysfsName: '1-2' });
    node.journal.record(sampleTransition('attach', other));
    await expectPresence(other, { [node.nodeName]: true });
    expect(appliedCount(node)).toBe(2);
  });

  it('writes the latest state of a device that flaps, not each flip', async () => {
    const node = startNode({ spacingMilliseconds: 500 });
    const device = newDevice();
    for (let flip = 0; flip < 41; flip += 1) {
      node.journal.record(sampleTransition(flip % 2 ? 'detach' : 'attach', device, { timestamp: Date.now() }));
    }
    const last = [...node.journal.devices.values()].at(-1)?.lastEventId;
    await vi.waitFor(
      async () => expect(await attachments(device)).toMatchObject([{ present: true, lastEventId: last }]),
      patience,
    );
    expect(appliedCount(node)).toBeLessThanOrEqual(3);
  });

  it('stays within the budget of the node', async () => {
    const node = startNode({ burst: 2, perSecond: 2 });
    const devices = Array.from({ length: 5 }, (_, port) => newDevice({ sysfsName: `1-${port}` }));
    const startedAt = performance.now();
    for (const device of devices) node.journal.record(sampleTransition('attach', device));
    for (const device of devices) await expectPresence(device, { [node.nodeName]: true });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
  });

  it('lets the node that holds a device describe it, and keeps the entry of the one that it left', async () => {
    const [first, second] = [startNode(), startNode()];
    const device = newDevice();
    const faster = { ...device, descriptor: { ...device.descriptor, speedMegabits: 480 } };
    first.journal.record(sampleTransition('attach', device));
    await expectPresence(device, { [first.nodeName]: true });
    second.journal.record(sampleTransition('attach', faster));
    await expectPresence(device, { [first.nodeName]: true, [second.nodeName]: true });
    first.journal.record(sampleTransition('detach', device));
    await expectPresence(device, { [first.nodeName]: false, [second.nodeName]: true });
    expect((await read(device))?.status?.descriptor?.speedMegabits).toBe(480);
  });

  it('creates a deleted object again on a resync, and not before', async () => {
    const { nodeName, journal, writer } = startNode();
    const device = newDevice();
    journal.record(sampleTransition('attach', device));
    await expectPresence(device, { [nodeName]: true });
    await client.delete(resource, { name: device.name });
    await writer.resync();
    await expectPresence(device, { [nodeName]: true });
  });

  it('creates a deleted object again when the device changes', async () => {
    const { nodeName, journal } = startNode();
    const device = newDevice();
    journal.record(sampleTransition('attach', device));
    await expectPresence(device, { [nodeName]: true });
    await client.delete(resource, { name: device.name });
    journal.record(sampleTransition('detach', device));
    await expectPresence(device, { [nodeName]: false });
  });

  it('takes the text of the strangest device', async () => {
    const { nodeName, journal } = startNode();
    const device = newDevice({ product: '"Größe\' @ \\ {} # \u{1F600} \u0085\u007f\u2028\uFEFF\uFFFE' });
    journal.record(sampleTransition('attach', device));
    await expectPresence(device, { [nodeName]: true });
    expect((await read(device))?.status?.descriptor?.product).toBe(device.product);
  });
});
