import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ScannedDevice } from '../ports.ts';
import { recordedDevices } from '../sources/recorded-devices.ts';
import { classText } from './class-text.ts';
import { deviceNames } from './device-names.ts';
import { findNames, UsbIds } from './usb-ids.ts';

const database = Buffer.from(`# comment

0001  Fry's Electronics
	7778  Counterfeit flash drive
046d  Logitech, Inc.
	c31c  Keyboard K120
		00  an interface
	c52b  Unifying Receiver
1a86  QinHeng Electronics
	7523  CH340 serial converter
C 03  Human Interface Device
`);

describe('names in usb.ids', () => {
  it('are those of the vendor and of its product', () => {
    expect(findNames(database, { vendorId: '046d', productId: 'c52b' })).toEqual({
      vendorName: 'Logitech, Inc.',
      productName: 'Unifying Receiver',
    });
  });

  it('are not those of another vendor’s product', () => {
    expect(findNames(database, { vendorId: '0001', productId: 'c31c' })).toEqual({
      vendorName: "Fry's Electronics",
      productName: '',
    });
    expect(findNames(database, { vendorId: '1a86', productId: '0003' })).toMatchObject({ productName: '' });
  });

  it('are empty for a vendor that nobody knows', () => {
    expect(findNames(database, { vendorId: 'ffff', productId: 'c31c' })).toEqual({ vendorName: '', productName: '' });
    expect(findNames(Buffer.alloc(0), { vendorId: '046d', productId: 'c31c' })).toEqual({
      vendorName: '',
      productName: '',
    });
  });

  it('come from the packaged database', async () => {
    expect(await new UsbIds().lookUp({ vendorId: '1a86', productId: '7523' })).toEqual({
      vendorName: 'QinHeng Electronics',
      productName: 'CH340 serial converter',
    });
  });

  it('come from the next file when one is missing, and are remembered', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'autoweave-test-'));
    const file = join(directory, 'usb.ids');
    writeFileSync(file, database);
    const usbIds = new UsbIds([join(directory, 'missing'), file]);
    const ids = { vendorId: '046d', productId: 'c31c' };
    const expected = { vendorName: 'Logitech, Inc.', productName: 'Keyboard K120' };
    expect(await usbIds.lookUp(ids)).toEqual(expected);
    rmSync(directory, { recursive: true });
    expect(await usbIds.lookUp(ids)).toEqual(expected);
    expect(await usbIds.lookUp({ ...ids, productId: 'c52b' })).toMatchObject({ vendorName: '' });
  });
});

describe('names of a device', () => {
  const [keyboard] = recordedDevices as [ScannedDevice];
  const usbIds = new UsbIds();

  it('are its own words, and the database’s where it has none', async () => {
    expect(await deviceNames(keyboard, usbIds)).toEqual({ vendorName: 'Logitech', productName: 'USB Keyboard' });
    expect(await deviceNames({ ...keyboard, manufacturer: '' }, usbIds)).toEqual({
      vendorName: 'Logitech, Inc.',
      productName: 'USB Keyboard',
    });
  });
});

describe('the class of a device', () => {
  it.each([
    ['1-1', 'hid'],
    ['2-1', 'storage'],
    ['1-3', 'hub'],
    ['1-3.1', 'serial'],
    ['1-3.2', 'serial'],
    ['1-3.4', 'image'],
    ['1-4', 'serial'],
    ['1-5', 'video'],
  ])('of the one at %s is %s', (sysfsName, text) => {
    const device = recordedDevices.find((candidate) => candidate.sysfsName === sysfsName);
    expect(device && classText(device.descriptor)).toBe(text);
  });

  it('is unknown when nobody has defined it', () => {
    const [keyboard] = recordedDevices as [ScannedDevice];
    expect(classText({ ...keyboard.descriptor, deviceClass: '77', interfaces: [] })).toBe('unknown');
  });
});
