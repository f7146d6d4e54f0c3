import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScannedDevice, UsbSource } from '../../ports.ts';
import { recordedDevices } from '../recorded-devices.ts';

/** A source, and the machine that it reads. */
export interface UsbSourceBench {
  readonly source: UsbSource;
  /** Gives what the source must now find. */
  plug(device: ScannedDevice): Promise<ScannedDevice>;
  unplug(device: ScannedDevice): Promise<void>;
  dispose(): Promise<void>;
}

/** What every UsbSource promises, whatever it reads from. `make` gives a machine with nothing plugged in. */
export function describeUsbSource(name: string, make: () => Promise<UsbSourceBench>): void {
  describe(`${name}, as a USB source`, () => {
    const { signal } = new AbortController();
    let bench: UsbSourceBench;

    beforeEach(async () => {
      bench = await make();
    });

    afterEach(async () => {
      await bench.dispose();
    });

    const plugAll = async (devices: readonly ScannedDevice[]) => {
      const plugged: ScannedDevice[] = [];
      for (const device of devices) {
        plugged.push(await bench.plug(device));
      }
      return plugged;
    };
    const scanned = async () => (await bench.source.scan(signal)).devices.toSorted(byName);

    it('finds nothing on a machine with nothing plugged in', async () => {
      expect(await scanned()).toEqual([]);
    });

    it.each(recordedDevices.filter((device) => !device.sysfsName.includes('.')))(
      'reads everything of $vendorId:$productId "$serialNumber"',
      async (device) => {
        const plugged = await bench.plug(device);
        expect(await bench.source.read(device.sysfsName, signal)).toEqual(plugged);
      },
    );

    it('scans a machine with a hub, devices behind it, and two equal ones', async () => {
      const plugged = await plugAll(recordedDevices);
      expect(await scanned()).toEqual(plugged.toSorted(byName));
    });

    it('follows devices that leave, and the same one in another port', async () => {
      const [keyboard, mouse] = recordedDevices;
      if (!keyboard || !mouse) {
        throw new Error('There are no recorded devices');
      }
      await plugAll([keyboard, mouse]);
      await bench.unplug(keyboard);
      const path = '/devices/pci0000:00/0000:00:14.0/usb1/1-9';
      const moved = await bench.plug({
        ...keyboard,
        sysfsName: '1-9',
        portPath: '9',
        devicePath: path,
        deviceAddress: 77,
      });
      expect((await scanned()).map((device) => device.sysfsName)).toEqual(['1-2', '1-9']);
      expect(await bench.source.read('1-9', signal)).toEqual(moved);
    });

    it.each(['1-1', '9-9', 'usb1', '1-1:1.0', '..', '', '../../../etc'])(
      'knows nothing of %j when it is not a device',
      async (sysfsName) => {
        expect(await bench.source.read(sysfsName, signal)).toBeUndefined();
      },
    );

    it('ends when it is told to', async () => {
      await expect(bench.source.scan(AbortSignal.abort())).rejects.toThrow(/abort/i);
    });
  });
}

function byName(left: ScannedDevice, right: ScannedDevice): number {
  return left.sysfsName < right.sysfsName ? -1 : 1;
}
