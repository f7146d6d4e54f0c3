import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScannedDevice } from '../ports.ts';
import { recordedDevices } from '../sources/recorded-devices.ts';
import { identifyDevice, serialKey } from './identify-device.ts';
import { signature } from './signature.ts';

const [keyboard] = recordedDevices as [ScannedDevice];
const trusting = { nodeName: 'node-1', distrusted: new Set<string>() };

function withSerial(serialNumber: string, overrides: Partial<ScannedDevice> = {}): ScannedDevice {
  return { ...keyboard, serialNumber, ...overrides };
}

const hexId = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16).padStart(4, '0'));
const anyDevice = fc
  .record({
    vendorId: hexId,
    productId: hexId,
    serialNumber: fc.string({ maxLength: 126, unit: 'grapheme' }),
    sysfsName: fc.constantFrom('1-1', '1-2.4', '3-1'),
  })
  .map((overrides) => ({ ...keyboard, ...overrides, portPath: overrides.sysfsName.slice(2) }));

describe('the name of a device', () => {
  it('is a DNS label that begins with vendor and product', () => {
    fc.assert(
      fc.property(anyDevice, (device) => {
        const { name, signature: text } = identifyDevice(device, trusting);
        expect(name).toMatch(/^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{16}$/);
        expect(name).toBe(`${device.vendorId}-${device.productId}-${text}`);
      }),
    );
  });

  it('is the same in every port, at every address and on every node when the serial number is good', () => {
    const here = identifyDevice(withSerial('A10KY3FD'), trusting);
    const elsewhere = withSerial('A10KY3FD', {
      sysfsName: '7-2.3',
      portPath: '2.3',
      devicePath: '/devices/pci0000:00/0000:00:1a.0/usb7/7-2/7-2.3',
      busNumber: 7,
      deviceAddress: 99,
    });
    expect(here.identityQuality).toBe('Serial');
    expect(identifyDevice(elsewhere, { ...trusting, nodeName: 'node-2' })).toEqual(here);
  });

  it('is that of its port without a good serial number, whatever number its bus has after a reboot', () => {
    const before = withSerial('');
    const after = {
      ...before,
      sysfsName: '3-1',
      busNumber: 3,
      devicePath: before.devicePath.replace('usb1/1-1', 'usb3/3-1'),
    };
    expect(identifyDevice(before, trusting)).toMatchObject({ identityQuality: 'Port' });
    expect(identifyDevice(after, trusting)).toEqual(identifyDevice(before, trusting));
  });

  it('differs between ports, nodes, controllers and the two root hubs of one controller', () => {
    const device = withSerial('0000');
    const others = [
      identifyDevice({ ...device, sysfsName: '1-2', portPath: '2' }, trusting),
      identifyDevice(device, { ...trusting, nodeName: 'node-2' }),
      identifyDevice({ ...device, devicePath: '/devices/pci0000:00/0000:00:1a.0/usb1/1-1' }, trusting),
      identifyDevice({ ...device, descriptor: { ...device.descriptor, speedMegabits: 5000 } }, trusting),
      identifyDevice({ ...device, devicePath: '' }, trusting),
      identifyDevice({ ...device, devicePath: '', sysfsName: '2-1' }, trusting),
    ];
    expect(new Set([identifyDevice(device, trusting), ...others].map(({ name }) => name)).size).toBe(7);
  });

  it('is that of its port, and ambiguous, when the serial number is distrusted', () => {
    const device = withSerial('A10KY3FD');
    const distrusted = new Set([serialKey(device) ?? '']);
    expect(identifyDevice(device, { nodeName: 'node-1', distrusted })).toEqual({
      ...identifyDevice(withSerial(''), trusting),
      identityQuality: 'Ambiguous',
    });
    const other = withSerial('A10KY3FE');
    expect(identifyDevice(other, { nodeName: 'node-1', distrusted }).identityQuality).toBe('Serial');
  });
});

describe('a serial number', () => {
  it.each([
    '',
    ' ',
    '0',
    '1',
    '42',
    '00',
    '000000000000',
    '0001',
    '00000001',
    '123456789',
    '0123456789',
    '1234567890',
    '0123456789ABCDEF',
    '12345678',
    'ABCDEF',
    'Default',
    'DEFAULT',
    'none',
    'N/A',
    'n/a (unauthorized)',
    'Unknown',
    'To be filled by O.E.M.',
    'Serial Number',
    'FFFFFFFFFFFF',
    'xxxxxxxx',
    '10101010',
    '------',
    'string',
  ])('%j is none', (serialNumber) => {
    expect(serialKey(withSerial(serialNumber))).toBeUndefined();
  });

  it.each([
    'A10KY3FD',
    '4C530001230517115421',
    '5AA2F5B0',
    'Zoë\'s @"bench 3" №7',
    'R58M12ABCDE',
    '85439303137351F0E1A1',
    '2019',
    'abc1',
    '0a1b2c3d',
    '日本語シリアル',
  ])('%j is one', (serialNumber) => {
    expect(serialKey(withSerial(serialNumber))).toContain(serialNumber);
  });
});

describe('a signature', () => {
  it('is the beginning of SHA-256 over the fields, each behind its length', () => {
    // printf '\0\0\0\4046d\0\0\0\4c31c\0\0\0\2K1' | sha256sum
    expect(signature(['046d', 'c31c', 'K1'])).toBe('98e841e0e3623d01');
  });

  it('tells any two lists of fields apart', () => {
    const fields = fc.array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fields, fields, (left, right) => {
        expect(signature(left) === signature(right)).toBe(JSON.stringify(left) === JSON.stringify(right));
      }),
    );
    expect(signature(['ab', 'c'])).not.toBe(signature(['a', 'bc']));
  });
});
