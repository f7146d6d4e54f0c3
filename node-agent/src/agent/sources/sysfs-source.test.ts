import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScannedDevice } from '../ports.ts';
import { recordedDevices } from './recorded-devices.ts';
import { SysfsSource } from './sysfs-source.ts';
import { bindInterfaces, plugIntoSysfs, unplugFromSysfs, writeSysfsTree } from './sysfs-tree.ts';
import { describeUsbSource } from './testing/describe-usb-source.ts';

describeUsbSource('sysfs', async () => {
  const root = mkdtempSync(join(tmpdir(), 'autoweave-test-'));
  writeSysfsTree(root, []);
  return {
    source: new SysfsSource({ root }),
    plug: async (device) => {
      plugIntoSysfs(root, device);
      return device;
    },
    unplug: async (device) => unplugFromSysfs(root, device),
    dispose: async () => rmSync(root, { recursive: true }),
  };
});

describe('the sysfs source', () => {
  const { signal } = new AbortController();
  const keyboard = recorded('1-1');
  let root: string;
  let source: SysfsSource;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'autoweave-test-'));
    writeSysfsTree(root, []);
    source = new SysfsSource({ root });
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const attribute = (name: string) => join(root, keyboard.devicePath, name);

  it('says that there is no USB tree', async () => {
    const bare = new SysfsSource({ root: join(root, 'nowhere') });
    await expect(bare.scan(signal)).rejects.toMatchObject({ code: 'AW_USB_UNAVAILABLE' });
    expect(await bare.read('1-1', signal)).toBeUndefined();
  });

  it('leaves out root hubs, interfaces and what is not a device', async () => {
    plugIntoSysfs(root, keyboard);
    for (const name of ['usb1', '1-1:1.0', '1-0:1.0', 'README']) {
      writeFileSync(join(root, 'bus/usb/devices', name), '');
    }
    const { devices } = await source.scan(signal);
    expect(devices.map((device) => device.sysfsName)).toEqual(['1-1']);
  });

  it('knows the interfaces before the kernel has made their folders, and their drivers after', async () => {
    plugIntoSysfs(root, keyboard, { interfaces: false });
    const early = await source.read('1-1', signal);
    expect(early?.descriptor.interfaces.map(({ class: code, driver }) => [code, driver])).toEqual([
      ['03', ''],
      ['03', ''],
    ]);
    bindInterfaces(root, keyboard);
    expect(await source.read('1-1', signal)).toEqual(keyboard);
  });

  it('reads a tree without binary descriptors attribute by attribute', async () => {
    plugIntoSysfs(root, keyboard);
    rmSync(attribute('descriptors'));
    expect(await source.read('1-1', signal)).toEqual(keyboard);
  });

  it('shows no control, no invalid byte and not more than 126 characters of what a device says', async () => {
    plugIntoSysfs(root, keyboard);
    writeFileSync(attribute('serial'), Buffer.from([0x41, 0x00, 0x1b, 0x5b, 0xff, 0x0a, 0x42, 0x0a]));
    writeFileSync(attribute('product'), `${'x'.repeat(300)}\n`);
    writeFileSync(attribute('manufacturer'), `  evil\u202ecod\u0085  \n`);
    const device = await source.read('1-1', signal);
    expect(device).toMatchObject({ serialNumber: 'A[\ufffdB', product: 'x'.repeat(126), manufacturer: 'evilcod' });
  });

  it('takes a device whose attributes vanish for gone', async () => {
    plugIntoSysfs(root, keyboard);
    rmSync(attribute('devnum'));
    expect(await source.read('1-1', signal)).toBeUndefined();
    renameSync(join(root, keyboard.devicePath), join(root, 'gone'));
    expect(await source.read('1-1', signal)).toBeUndefined();
  });

  it('never mixes two devices that follow one another in a port', async () => {
    const next = { ...keyboard, deviceAddress: 99, serialNumber: 'NEXT', product: 'Next' };
    for (let round = 0; round < 50; round += 1) {
      plugIntoSysfs(root, keyboard);
      const reading = source.read('1-1', signal);
      unplugFromSysfs(root, keyboard);
      plugIntoSysfs(root, next);
      expect([keyboard, next]).toContainEqual(await reading);
      unplugFromSysfs(root, next);
    }
  });

  it('does not wait for a device that does not answer, concludes nothing about it, and reads the others', async () => {
    const mouse = recorded('1-2');
    plugIntoSysfs(root, keyboard);
    plugIntoSysfs(root, mouse);
    rmSync(join(root, keyboard.devicePath, 'manufacturer'));
    execFileSync('mkfifo', [join(root, keyboard.devicePath, 'manufacturer')]);
    // Holding both ends lets the open succeed and the read wait, as when a driver holds the lock of the device.
    const held = openSync(join(root, keyboard.devicePath, 'manufacturer'), 'r+');
    const impatient = new SysfsSource({ root, readTimeoutMilliseconds: 500 });
    const { devices, unreadable } = await impatient.scan(signal);
    expect(devices).toEqual([mouse]);
    expect([...unreadable.keys()]).toEqual(['1-1']);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(impatient.read('1-1', signal)).rejects.toMatchObject({ code: 'AW_USB_UNREADABLE' });
    }
    expect(await impatient.read('1-2', signal)).toEqual(mouse);
    for (const answer of ['one', 'two']) {
      appendFileSync(held, `${answer}\n`);
    }
    closeSync(held);
  });
});

function recorded(sysfsName: string): ScannedDevice {
  const device = recordedDevices.find((candidate) => candidate.sysfsName === sysfsName);
  if (!device) {
    throw new Error(`${sysfsName} is not recorded`);
  }
  return device;
}
