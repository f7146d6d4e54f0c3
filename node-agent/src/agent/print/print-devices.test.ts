import { describe, expect, it } from 'vitest';
import { UsbIds } from '../names/usb-ids.ts';
import type { ScannedDevice, UsbSource } from '../ports.ts';
import { recordedDevices } from '../sources/recorded-devices.ts';
import { printDevices } from './print-devices.ts';
import { scanDevices } from './scan-devices.ts';

const { signal } = new AbortController();

async function print(devices: readonly ScannedDevice[], format: 'json' | 'table'): Promise<string> {
  const source: UsbSource = {
    name: 'sysfs',
    scan: async () => ({ devices, unreadable: new Map() }),
    read: async () => undefined,
  };
  const known = await scanDevices({ source, nodeName: 'node-1', distrusted: new Set(), now: 0, signal });
  return await printDevices(known, { format, usbIds: new UsbIds() });
}

describe('autoweave-agent print', () => {
  it('shows one line for each device, in the order of the ports', async () => {
    const lines = (await print(recordedDevices.toReversed(), 'table')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^NAME +PORT +VID:PID +VENDOR +PRODUCT +SERIAL +CLASS +SPEED +DRIVER +IDENTITY$/);
    expect(lines.slice(1).map((line) => line.split(/ {3,}/)[1])).toEqual([
      '1-1',
      '1-2',
      '1-3',
      '1-3.1',
      '1-3.2',
      '1-3.3',
      '1-3.4',
      '1-4',
      '1-5',
      '2-1',
      '3-1',
      '3-2',
      '3-4',
      '3-5',
      '3-6',
      '3-7',
      '3-8',
      '3-9',
      '3-9.1',
      '3-9.2',
      '3-9.3',
      '4-3',
    ]);
    expect(lines[1]).toMatch(/046d:c31c +Logitech +USB Keyboard +- +hid +1.5 Mbit\/s +usbhid +Port$/);
  });

  it('aligns its columns below letters of any script', async () => {
    const lines = (await print(recordedDevices, 'table')).trimEnd().split('\n');
    const column = (lines[0] ?? '').indexOf('CLASS');
    const classes = lines.slice(1).map((line) => Array.from(line).slice(column).join('').split(' ')[0]);
    expect(classes).toContain('serial');
    expect(classes.every((text) => text !== '')).toBe(true);
  });

  it('gives everything as JSON', async () => {
    const list = JSON.parse(await print(recordedDevices, 'json')) as unknown[];
    expect(list).toHaveLength(recordedDevices.length);
    expect(list[0]).toMatchObject({
      ...recordedDevices[0],
      vendorName: 'Logitech',
      class: 'hid',
      identityQuality: 'Port',
    });
  });

  it('gives twins the names of their ports', async () => {
    const twins = ['1-1', '1-2'].map((sysfsName) => ({
      ...recorded(sysfsName),
      vendorId: '0403',
      productId: '6001',
      serialNumber: 'A50285BI',
    }));
    const list = JSON.parse(await print(twins, 'json')) as { name: string; identityQuality: string }[];
    expect(list.map((device) => device.identityQuality)).toEqual(['Ambiguous', 'Ambiguous']);
    expect(new Set(list.map((device) => device.name)).size).toBe(2);
  });

  it('says that there are none', async () => {
    expect(await print([], 'table')).toBe('No USB devices found.\n');
    expect(await print([], 'json')).toBe('[]\n');
  });
});

function recorded(sysfsName: string): ScannedDevice {
  const device = recordedDevices.find((candidate) => candidate.sysfsName === sysfsName);
  if (!device) {
    throw new Error(`${sysfsName} is not recorded`);
  }
  return device;
}
