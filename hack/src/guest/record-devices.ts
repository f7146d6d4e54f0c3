import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ScannedDevice } from '@autoweave/node-agent/testing';
import { type Guest, startGuest, type UsbPlug } from './index.ts';

/**
 * Records what the sysfs reader finds in a guest with one device of each kind that QEMU has, as the recorded part of the
 * sample devices: `node hack/src/guest/record-devices.ts`. The result is the same each time.
 */
const file = join(import.meta.dirname, '../../../node-agent/testdata/recorded-devices.json');

/** On the second controller: the buses of the first have the devices that were written by hand. Hubs first. */
const bus = 'usb1.0';
const plugs: readonly UsbPlug[] = [
  { driver: 'usb-kbd', port: '1', serial: 'KBD-2041' },
  { driver: 'usb-mouse', port: '2', serial: 'MOUSE-77' },
  { driver: 'usb-storage', port: '3', serial: '4C530001230517' },
  { driver: 'usb-serial', port: '4', serial: 'A10KY3FE' },
  { driver: 'usb-tablet', port: '5', serial: '' },
  { driver: 'usb-audio', port: '6', serial: 'AUDIO-1' },
  { driver: 'usb-ccid', port: '7', serial: 'CCID-1' },
  { driver: 'usb-net', port: '8', serial: 'NET-1' },
  { driver: 'usb-hub', port: '9', serial: 'HUB-4711' },
  { driver: 'usb-kbd', port: '9.1', serial: 'TWIN-1' },
  { driver: 'usb-kbd', port: '9.2', serial: 'TWIN-1' },
  // QEMU takes each byte for one character, so that `ë` comes as two letters.
  { driver: 'usb-tablet', port: '9.3', serial: `Zoë's @"bench 3", Gerät 7` },
];

/** One after the other, so that the kernel numbers them in this order. */
async function record(guest: Guest): Promise<ScannedDevice[]> {
  for (const [index, plug] of plugs.entries()) {
    await guest.plug({ ...plug, bus });
    await untilPresent(guest, index + 1);
  }
  // udevd loads the drivers; they are bound when it is done.
  await guest.exec(['udevadm', 'settle']);
  return scan(guest);
}

const attempts = 100;

async function untilPresent(guest: Guest, count: number): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { stdout } = await guest.exec(['sh', '-c', 'ls /sys/bus/usb/devices | grep -c "^[0-9.-]*$"']);
    if (Number(stdout) === count) return;
    await delay(100);
  }
  throw new Error(`Device ${count} did not come`);
}

async function scan(guest: Guest): Promise<ScannedDevice[]> {
  const command = ['node', 'node-agent/src/agent/main.ts', 'print', '--output', 'json', '--usb-source', 'kernel'];
  const { exit, stdout, stderr } = await guest.exec([...command, '--node-name', 'guest']);
  if (exit !== 0) throw new Error(`The devices could not be listed: ${stderr}`);
  return (JSON.parse(stdout) as ScannedDevice[]).map(scannedPart);
}

/** Without what the agent adds: name, identity, words for people. */
function scannedPart(device: ScannedDevice): ScannedDevice {
  const { sysfsName, devicePath, busNumber, deviceAddress, portPath, vendorId, productId } = device;
  const { manufacturer, product, serialNumber, descriptor } = device;
  const place = { sysfsName, devicePath, busNumber, deviceAddress, portPath };
  return { ...place, vendorId, productId, manufacturer, product, serialNumber, descriptor };
}

const guest = await startGuest();
try {
  await writeFile(file, `${JSON.stringify(await record(guest), undefined, 2)}\n`);
} finally {
  await guest.stop();
}
