import type { HotplugEvent } from '@autoweave/crds';
import { randomNumbers, type ScannedDevice } from '@autoweave/node-agent/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { kubectlRows } from './kubectl-table.ts';
import { planPlugging } from './random-plugging.ts';
import { nodeName, UsbLab } from './usb-lab.ts';
import { type DeskDevice, type Place, toldSerial } from './usb-place.ts';

/** Tells the whole story of the random operations: put that of a run here to see it again. */
const seed = Date.now() % 1_000_000;

const port = (number: number | string, controller = 0): Place => ({ controller, port: String(number) });

const kinds = [
  {
    what: 'a keyboard',
    device: { driver: 'usb-kbd', serial: 'KBD-2041' },
    columns: { PRODUCT: 'QEMU USB Keyboard', CLASS: 'hid' },
    category: 'keyboard',
    driver: 'usbhid',
  },
  {
    what: 'a mouse',
    device: { driver: 'usb-mouse', serial: 'MOUSE-77' },
    columns: { PRODUCT: 'QEMU USB Mouse', CLASS: 'hid' },
    category: 'mouse',
    driver: 'usbhid',
  },
  {
    what: 'a stick',
    device: { driver: 'usb-storage', serial: '4C530001230517' },
    columns: { PRODUCT: 'QEMU USB HARDDRIVE', CLASS: 'storage' },
    category: 'storage',
    driver: 'usb-storage',
  },
  {
    what: 'a serial adapter',
    device: { driver: 'usb-serial', serial: 'A10KY3FD' },
    columns: { PRODUCT: 'QEMU USB SERIAL', CLASS: 'serial' },
    category: 'serial',
    driver: 'ftdi_sio',
  },
  {
    what: 'a hub',
    device: { driver: 'usb-hub', serial: 'HUB-4711' },
    columns: { PRODUCT: 'QEMU USB Hub', CLASS: 'hub' },
    category: 'hub',
    driver: 'hub',
  },
  {
    what: 'a tablet whose serial number has spaces, @, quotes and letters beyond ASCII',
    device: { driver: 'usb-tablet', serial: `Zoë's @"bench 3", Gerät 7` },
    columns: { PRODUCT: 'QEMU USB Tablet', CLASS: 'hid' },
    category: 'input',
    driver: 'usbhid',
  },
] as const;

/** `autoweave-agent print --output json`, as far as it is changed here. */
interface KnownDevice extends ScannedDevice {
  readonly attachedAt: number;
  readonly class: string;
}

/** The class of a serial adapter follows from its driver. `attachedAt` is the time of the scan. */
function withoutDrivers({ attachedAt: _at, class: _class, descriptor, ...device }: KnownDevice): unknown {
  const interfaces = descriptor.interfaces.map(({ driver: _driver, ...usbInterface }) => usbInterface);
  return { ...device, descriptor: { ...descriptor, interfaces } };
}

const withoutSerial: DeskDevice = { driver: 'usb-tablet', serial: '' };
const twin: DeskDevice = { driver: 'usb-kbd', serial: 'TWIN-1' };
const otherTwin: DeskDevice = { ...twin };

describe('a node with real devices', () => {
  let lab: UsbLab;
  beforeAll(async () => {
    lab = await UsbLab.start();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`${lab.logs().slice(-10_000)}\n`);
  });
  afterAll(async () => {
    await lab?.stop();
  });

  /** As a user sees it in `kubectl get usbdevices`. */
  const row = async (name: string, ...flags: string[]): Promise<Record<string, string> | undefined> =>
    kubectlRows(await lab.kubectl('get', 'usbdevices', ...flags)).find(({ NAME }) => NAME === name);

  describe('on which each kind of device is plugged in, pulled out and plugged into another port', () => {
    /** By kind: the events of coming, going and coming again. Between them everything settled. */
    const told = new Map<string, Record<'came' | 'left' | 'cameAgain', HotplugEvent>>();
    const of = (what: string) => {
      const events = told.get(what);
      if (events === undefined) throw new Error(`Nothing was told of ${what}`);
      return events;
    };

    beforeAll(async () => {
      const came = await Promise.all(kinds.map(({ device }, index) => lab.desk.plug(device, port(index + 1))));
      await lab.settle();
      const left = await Promise.all(kinds.map((_kind, index) => lab.desk.unplug(port(index + 1))));
      await lab.settle();
      const again = await Promise.all(kinds.map(({ device }, index) => lab.desk.plug(device, port(index + 5, 1))));
      await lab.settle();
      for (const [index, { what }] of kinds.entries()) {
        const [first, second, third] = [came[index], left[index], again[index]];
        if (first && second && third) told.set(what, { came: first, left: second, cameAgain: third });
      }
    });
    afterAll(async () => {
      await lab.desk.clear();
      await lab.settle();
    });

    it.each(kinds)('shows $what as people know it', async ({ what, device, columns, driver }) => {
      const { deviceName, deviceSignature, vendorId, productId, portPath } = of(what).cameAgain;
      expect(await row(deviceName)).toMatchObject({
        NODE: nodeName,
        VENDOR: 'QEMU',
        SERIAL: toldSerial(device.serial),
        ATTACHED: 'True',
        ...columns,
      });
      expect(await row(deviceName, '--output=wide')).toMatchObject({
        'VID:PID': `${vendorId}:${productId}`,
        PORT: portPath,
        DRIVER: driver,
        SIGNATURE: deviceSignature,
        IDENTITY: 'Serial',
      });
    });

    it.each(kinds)('gives $what its name back', ({ what }) => {
      const { came, left, cameAgain } = of(what);
      expect(came.deviceName).toMatch(new RegExp(`^${came.vendorId}-${came.productId}-[0-9a-f]{16}$`));
      expect([left.deviceName, cameAgain.deviceName]).toEqual([came.deviceName, came.deviceName]);
      expect(cameAgain.sysfsName).not.toBe(came.sysfsName);
      expect([came, left, cameAgain].map(({ source, partial }) => ({ source, partial }))).toEqual(
        Array.from({ length: 3 }, () => ({ source: 'netlink', partial: false })),
      );
    });

    it.each(kinds)('lets the plugin recognise $what', async ({ what, category }) => {
      const { came, left, cameAgain } = of(what);
      expect(await lab.inventoryRecord(came)).toMatchObject({ category, present: true, timesSeen: 1 });
      expect(await lab.inventoryRecord(left)).toMatchObject({ category, present: false, timesSeen: 1 });
      expect(await lab.inventoryRecord(cameAgain)).toMatchObject({ category, present: true, timesSeen: 2 });
    });

    it('reads the same from them through npm usb, which knows no drivers', async () => {
      const print = async (source: string): Promise<unknown[]> => {
        const command = ['node', 'node-agent/src/agent/main.ts', 'print', '--output', 'json', '--usb-source', source];
        const run = () => lab.guest.exec([...command, '--node-name', nodeName]);
        const first = await run();
        // Under emulation Node dies of SIGSEGV now and then (2 of 29 runs, no cause found): that is not what is tried here.
        const { stdout, stderr, exit } = first.exit === 139 ? await run() : first;
        expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
        return (JSON.parse(stdout) as KnownDevice[]).map(withoutDrivers);
      };
      const bySysfs = await print('kernel');
      expect(bySysfs).toHaveLength(kinds.length);
      expect(await print('node-usb')).toEqual(bySysfs);
    });
  });

  it('knows a device without a serial number by its port', async () => {
    const here = await lab.desk.plug(withoutSerial, port(7));
    expect(here).toMatchObject({ serialNumber: '', identityQuality: 'Port' });
    await lab.settle();
    await lab.desk.unplug(port(7));
    const elsewhere = await lab.desk.plug(withoutSerial, port(8));
    expect(elsewhere.deviceName).not.toBe(here.deviceName);
    await lab.settle();
    expect(await row(here.deviceName)).toMatchObject({ NODE: '', SERIAL: '', ATTACHED: 'False' });
    await lab.desk.unplug(port(8));
    expect(await lab.desk.plug(withoutSerial, port(7))).toMatchObject({ deviceName: here.deviceName });
    await lab.settle();
    await lab.desk.clear();
    await lab.settle();
  });

  it('keeps two with one serial number apart, from then on by their ports', async () => {
    const first = await lab.desk.plug(twin, port(7));
    expect(first.identityQuality).toBe('Serial');
    const second = await lab.desk.plug(otherTwin, port(8));
    expect(second.identityQuality).toBe('Ambiguous');
    expect(second.deviceName).not.toBe(first.deviceName);
    await lab.settle();
    expect(await row(first.deviceName)).toMatchObject({ SERIAL: 'TWIN-1', ATTACHED: 'True' });
    expect(await row(second.deviceName)).toMatchObject({ SERIAL: 'TWIN-1', ATTACHED: 'True' });
    expect(await lab.desk.unplug(port(7))).toMatchObject({ deviceName: first.deviceName });
    await lab.settle();
    const again = await lab.desk.plug(twin, port(7));
    expect(again.identityQuality).toBe('Ambiguous');
    expect([first.deviceName, second.deviceName]).not.toContain(again.deviceName);
    await lab.desk.clear();
    await lab.settle();
  });

  it('loses all that is behind a hub with the hub, which leaves last', async () => {
    const hub = port(9);
    await lab.desk.plug({ driver: 'usb-hub', serial: 'HUB-12' }, hub);
    await lab.desk.plug({ driver: 'usb-hub', serial: 'HUB-13' }, port('9.1'));
    await lab.desk.plug({ driver: 'usb-mouse', serial: 'MOUSE-78' }, port('9.1.2'));
    await lab.desk.plug({ driver: 'usb-kbd', serial: 'KBD-2042' }, port('9.4'));
    await lab.settle();
    await lab.desk.unplug(hub);
    const told = (await lab.events()).slice(-4).map(({ action, sysfsName }) => `${action} ${sysfsName}`);
    expect(told).toEqual(['detach 1-9.1.2', 'detach 1-9.1', 'detach 1-9.4', 'detach 1-9']);
    await lab.settle();
  });

  it(`agrees with the model after 200 random operations (seed ${seed})`, async () => {
    const drivers = ['kbd', 'mouse', 'tablet', 'storage', 'serial', 'kbd', 'mouse', 'storage', 'tablet', 'hub'];
    const devices = drivers.map((driver, index) => ({
      driver: `usb-${driver}`,
      serial: `RANDOM-${index}`,
    }));
    const rounds = planPlugging({
      devices,
      places: [1, 2, 3, 4, 5].flatMap((number) => [port(number), port(number, 1)]),
      hubPorts: 3,
      operations: 200,
      width: 6,
      random: randomNumbers(seed),
    });
    for (const round of rounds) {
      await Promise.all(
        round.map(({ action, device, place }) =>
          action === 'plug' ? lab.desk.plug(device, place) : lab.desk.unplug(place),
        ),
      );
    }
    const isRandom = ({ serialNumber }: HotplugEvent): boolean => serialNumber.startsWith('RANDOM-');
    await lab.settle({ mayMerge: isRandom });
    const events = (await lab.events()).filter(isRandom);
    const names = new Set(events.map(({ deviceName, serialNumber }) => `${deviceName} of ${serialNumber}`));
    expect(names.size).toBe(new Set(events.map(({ serialNumber }) => serialNumber)).size);
    // Whatever was told twice, but late, is seen now.
    await lab.desk.clear();
    await lab.settle({ mayMerge: isRandom });
  });
});
