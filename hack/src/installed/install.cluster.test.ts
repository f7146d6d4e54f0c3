import { setTimeout as delay } from 'node:timers/promises';
import type { AutoWeavePlugin, UsbDevice } from '@autoweave/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examplePlugin, pythonPlugin } from './example-plugin.ts';
import { InstalledCluster } from './installed-cluster.ts';

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string };
    readonly status: { readonly phase: string };
  }[];
}

const namespace = 'autoweave-plugins';
const system = ['--namespace=autoweave-system'];
const operators = ['--selector=app.kubernetes.io/component=operator'];
const atUsbNode = ['--field-selector=spec.nodeName=usb'];
const graceSeconds = 15;
const keyboard = { driver: 'usb-kbd', id: 'keyboard', serial: 'KB-1' };
const patience = { timeout: 180_000, interval: 500 };

let installed: InstalledCluster;

beforeAll(async () => {
  installed = await InstalledCluster.start();
}, 1_800_000);
afterAll(() => installed?.stop());

async function podsOf(plugin: string): Promise<PodList['items']> {
  const selector = `--selector=autoweave.dev/plugin=${plugin}`;
  const { items } = await installed.get<PodList>('pods', `--namespace=${namespace}`, selector);
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

async function ourPods(): Promise<readonly { readonly name: string; readonly phase: string }[]> {
  const selector = '--selector=app.kubernetes.io/part-of=autoweave';
  const { items } = await installed.get<PodList>('pods', '--all-namespaces', selector);
  return items.map(({ metadata, status }) => ({ name: metadata.name, phase: status.phase }));
}

async function resultsOf(plugin: string): Promise<NonNullable<NonNullable<AutoWeavePlugin['status']>['results']>> {
  const { status } = await installed.get<AutoWeavePlugin>('awp', plugin, `--namespace=${namespace}`);
  return status?.results ?? { succeeded: 0, failed: 0 };
}

async function lastResults(plugin: string): Promise<readonly string[]> {
  const { last = [] } = await resultsOf(plugin);
  return last.map(({ type, node, state }) => `${type} ${node} ${state}`);
}

async function isAttached(): Promise<boolean> {
  const { items } = await installed.get<{ items: UsbDevice[] }>('usbdevices');
  return items.some(({ status }) => status?.attachments?.some(({ present }) => present));
}

/** With all that can be known when it does not come true. */
async function eventually(check: () => Promise<void>): Promise<void> {
  const end = Date.now() + patience.timeout;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error(await installed.report(), { cause: error });
      await delay(patience.interval);
    }
  }
}

describe('AutoWeave in a cluster, installed by Helm', { timeout: 600_000 }, () => {
  it('is ready, and its own test succeeds', async () => {
    await installed.install().catch(async (error: unknown) => {
      throw new Error(await installed.report(), { cause: error });
    });
    const pods = await ourPods();
    expect(pods.length).toBeGreaterThanOrEqual(5);
    expect(pods.filter(({ phase }) => phase !== 'Running')).toEqual([]);
    expect(await installed.helm.run(['test', 'autoweave', '--timeout=2m'])).toContain('Succeeded');
  });

  it('lists a device that is plugged into a node', async () => {
    await installed.cluster.plug(keyboard);
    await eventually(async () => {
      const { items } = await installed.get<{ items: UsbDevice[] }>('usbdevices');
      expect(items.map(({ status }) => status)).toMatchObject([
        { identity: { serialNumber: 'KB-1' }, attachments: [{ nodeName: 'usb', present: true }] },
      ]);
    });
    const table = await installed.cluster.kubectl('get', 'usbdevices', '--no-headers');
    expect(table).toMatch(/^0627-0001-\w+ +usb +.*KB-1 /);
    const labels = (await installed.get<{ metadata: { labels: object } }>('node', 'usb')).metadata.labels;
    expect(labels).toMatchObject({ 'usb.autoweave.dev/0627-0001': 'true', 'usb.autoweave.dev/class-03': 'true' });
  });

  it('runs a plugin in the runner of its namespace at that node', async () => {
    await installed.apply(await examplePlugin({ name: 'in-thread', runtime: 'Thread' }));
    await eventually(async () => expect(await lastResults('in-thread')).toContain('usb.attach usb Succeeded'));
  });

  it('runs a plugin in a pod of its own at that node', async () => {
    await installed.apply(await examplePlugin({ name: 'in-pod', runtime: 'Pod', graceSeconds }));
    await eventually(async () => expect(await lastResults('in-pod')).toContain('usb.attach usb Succeeded'));
    expect((await podsOf('in-pod')).map(({ spec }) => spec.nodeName)).toEqual(['usb']);
  });

  it('runs a plugin in an image of the user, written in Python', async () => {
    await installed.apply(await pythonPlugin());
    await eventually(async () => expect(await lastResults('python-example')).toContain('usb.attach usb Succeeded'));
  });

  it('is in order, says kubectl autoweave', async () => {
    const report = await installed.doctor();
    expect(report.filter(({ status }) => status === 'FAIL')).toEqual([]);
    expect(report.filter(({ status }) => status === 'OK').length).toBeGreaterThan(5);
  });

  it('keeps that pod while its device is away for 2 s', async () => {
    const before = (await podsOf('in-pod')).map(({ metadata }) => metadata.uid);
    await installed.cluster.unplug(keyboard.id);
    await delay(2_000);
    await installed.cluster.plug(keyboard);
    await eventually(async () => {
      expect((await lastResults('in-pod')).slice(0, 2)).toEqual([
        'usb.attach usb Succeeded',
        'usb.detach usb Succeeded',
      ]);
    });
    await delay(2 * graceSeconds * 1_000);
    expect((await podsOf('in-pod')).map(({ metadata }) => metadata.uid)).toEqual(before);
  });

  it('ends that pod when its device is away for longer than the grace', async () => {
    await installed.cluster.unplug(keyboard.id);
    await eventually(async () => expect(await podsOf('in-pod')).toEqual([]));
  });

  it('starts it again when the device comes back', async () => {
    await installed.cluster.plug(keyboard);
    await eventually(async () => {
      expect((await podsOf('in-pod')).map(({ spec, status }) => `${spec.nodeName} ${status.phase}`)).toEqual([
        'usb Running',
      ]);
    });
  });

  it.each([
    { what: 'all operators are killed', kill: ['delete', 'pod', ...system, ...operators, '--force'] },
    { what: 'Redis ends', kill: ['exec', ...system, 'autoweave-redis-0', '--', 'sh', '-c', 'kill 1'] },
  ])('tells of a plug after $what', async ({ kill }) => {
    const wasAttached = await isAttached();
    const { succeeded = 0 } = await resultsOf('in-thread');
    await installed.cluster.kubectl(...kill);
    await (wasAttached ? installed.cluster.unplug(keyboard.id) : installed.cluster.plug(keyboard));
    await eventually(async () => {
      expect(await isAttached()).toBe(!wasAttached);
      expect((await resultsOf('in-thread')).succeeded).toBeGreaterThan(succeeded);
    });
  });

  it('knows that a device left while the pod of the agent, and the journal in it, was replaced', async () => {
    expect(await isAttached()).toBe(true);
    await installed.cluster.kubectl('delete', 'pod', '--namespace=autoweave-node', ...atUsbNode, '--force');
    await installed.cluster.unplug(keyboard.id);
    await eventually(async () => expect(await isAttached()).toBe(false));
  });

  it('leaves nothing but what the test pod said when it is uninstalled', async () => {
    await installed.uninstall();
    await eventually(async () => expect(await ourPods()).toEqual([{ name: 'autoweave-test', phase: 'Succeeded' }]));
    await installed.cluster.kubectl('delete', 'namespace', 'autoweave-system', namespace, '--timeout=60s');
  });
});
