import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScannedDevice } from '../ports.ts';
import { recordedDevices } from '../sources/recorded-devices.ts';
import { ueventText } from './testing/uevent-message.ts';
import { longestUevent, parseUevent } from './uevent.ts';

const path = '/devices/pci0000:00/0000:00:14.0/usb1/1-1';

/** A message as the kernel would send it, but for what is overridden; an undefined value leaves the key out. */
function message(overrides: Readonly<Record<string, string | undefined>> = {}, header?: string): Buffer {
  const values = {
    ACTION: 'add',
    DEVPATH: path,
    SUBSYSTEM: 'usb',
    DEVTYPE: 'usb_device',
    PRODUCT: '46d/c31c/6400',
    BUSNUM: '001',
    DEVNUM: '005',
    SEQNUM: '4711',
    ...overrides,
  };
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined);
  const text = pairs.map(([key, value]) => `${key}=${value}\0`).join('');
  return Buffer.from(`${header ?? `${values.ACTION}@${values.DEVPATH}`}\0${text}`);
}

describe('a uevent', () => {
  it('tells what came, where and when', () => {
    expect(parseUevent(message())).toEqual({
      action: 'add',
      sysfsName: '1-1',
      devicePath: path,
      busNumber: 1,
      deviceAddress: 5,
      vendorId: '046d',
      productId: 'c31c',
      kernelSequence: 4711n,
    });
  });

  it.each(recordedDevices)('of $vendorId:$productId is read back as it was told', (device: ScannedDevice) => {
    for (const action of ['add', 'remove'] as const) {
      const { sysfsName, devicePath, busNumber, deviceAddress, vendorId, productId } = device;
      expect(parseUevent(Buffer.from(`${ueventText(action, device)}SEQNUM=1\0`))).toEqual({
        action,
        sysfsName,
        devicePath,
        busNumber,
        deviceAddress,
        vendorId,
        productId,
        kernelSequence: 1n,
      });
    }
  });

  it('of a driver that was bound to the device or to an interface is a change of the device', () => {
    const ofInterface = { DEVPATH: `${path}/1-1:1.0`, DEVTYPE: 'usb_interface', BUSNUM: undefined, DEVNUM: undefined };
    for (const ACTION of ['bind', 'unbind', 'change']) {
      expect(parseUevent(message({ ACTION }))).toMatchObject({ action: 'change', sysfsName: '1-1' });
      const change = { action: 'change', sysfsName: '1-1', devicePath: path };
      expect(parseUevent(message({ ACTION, ...ofInterface }))).toMatchObject(change);
    }
    expect(parseUevent(message({ ...ofInterface }))).toBeUndefined();
  });

  it('may hold an @ in its path', () => {
    const DEVPATH = '/devices/platform/soc/usb@7e980000/usb1/1-1';
    expect(parseUevent(message({ DEVPATH }))?.devicePath).toBe(DEVPATH);
  });

  it.each([
    ['another subsystem', message({ SUBSYSTEM: 'usbmon' })],
    ['another kind', message({ DEVTYPE: 'usb_port' })],
    ['no kind', message({ DEVTYPE: undefined })],
    ['a root hub', message({ DEVPATH: '/devices/pci0000:00/0000:00:14.0/usb1' })],
    ['an unknown action', message({ ACTION: 'offline' })],
    ['an action that is a property of objects', message({ ACTION: 'constructor' })],
    ['a header of another action', message({}, `remove@${path}`)],
    ['a header of another path', message({}, 'add@/devices/usb1/1-2')],
    ['a header without action', message({ ACTION: '' })],
    ['no header', message({}, '')],
    ['udevd', Buffer.from('libudev\0\xfe\xed\xca\xfe', 'latin1')],
    ['a path that climbs', message({ DEVPATH: '/devices/../../etc/1-1' })],
    ['a path that is not below /devices', message({ DEVPATH: '/etc/1-1' })],
    ['a relative path', message({ DEVPATH: 'devices/usb1/1-1' })],
    ['no path', message({ DEVPATH: '' })],
    ['no product', message({ PRODUCT: undefined })],
    ['a broken product', message({ PRODUCT: 'x/y/z' })],
    ['no sequence number', message({ SEQNUM: undefined })],
    ['a negative sequence number', message({ SEQNUM: '-1' })],
    ['no bus', message({ BUSNUM: undefined })],
    ['a broken address', message({ DEVNUM: '1e3' })],
    ['nothing', Buffer.alloc(0)],
    ['more than a kernel sends', Buffer.concat([message(), Buffer.alloc(longestUevent)])],
  ])('is none with %s', (_name, bytes) => {
    expect(parseUevent(bytes)).toBeUndefined();
  });

  it('may be any bytes at all', () => {
    const valid = message();
    const mutated = fc
      .tuple(fc.nat(valid.length), fc.uint8Array({ maxLength: 20 }), fc.nat(20))
      .map(([at, noise, skip]) => Buffer.concat([valid.subarray(0, at), noise, valid.subarray(at + skip)]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), mutated), (bytes) => {
        const event = parseUevent(Buffer.from(bytes));
        if (event) {
          expect(event.sysfsName).toMatch(/^\d+-\d+(\.\d+)*$/);
          expect(event.devicePath.split('/')).not.toContain('..');
          expect(event.vendorId + event.productId).toMatch(/^[0-9a-f]{8}$/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
