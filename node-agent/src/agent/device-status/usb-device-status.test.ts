import { describe, expect, it } from 'vitest';
import type { DeviceRecord } from '../journal/device-record.ts';
import { sampleDevice } from '../testing/sample-transition.ts';
import { usbDeviceStatus } from './usb-device-status.ts';

const record: DeviceRecord = {
  device: sampleDevice(),
  present: true,
  since: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  lastEventId: 'edge-1/0123456789ab/7',
  source: 'netlink',
  position: 7,
};
const names = { vendorName: 'Logitech', productName: 'USB Keyboard' };

describe('the status that an agent states of a device', () => {
  it('has one attachment, that of its node', () => {
    expect(usbDeviceStatus(record, 'edge-1', names).attachments).toEqual([
      {
        nodeName: 'edge-1',
        present: true,
        portPath: '1',
        sysfsName: '1-1',
        busNumber: 1,
        deviceAddress: 2,
        drivers: ['usbhid'],
        since: '2026-01-02T03:04:05.678Z',
        lastEventId: 'edge-1/0123456789ab/7',
        source: 'netlink',
      },
    ]);
  });

  it('names no driver of a device that left', () => {
    const [attachment] = usbDeviceStatus({ ...record, present: false }, 'edge-1', names).attachments ?? [];
    expect(attachment).toMatchObject({ present: false, drivers: [] });
  });

  it('leaves out what the device does not tell', () => {
    const device = sampleDevice({ serialNumber: '', manufacturer: '', product: '' });
    const status = usbDeviceStatus({ ...record, device }, 'edge-1', { vendorName: '', productName: '' });
    expect(status.identity).not.toHaveProperty('serialNumber');
    expect(Object.keys(status.descriptor ?? {})).not.toEqual(expect.arrayContaining(['product', 'vendorName']));
  });

  it('tells no more classes and drivers than the kind has room for', () => {
    const { descriptor } = sampleDevice();
    const interfaces = Array.from({ length: 100 }, (_, number) => ({
      number,
      class: number.toString(16).padStart(2, '0'),
      subClass: '00',
      protocol: '00',
      driver: `driver-${number}`,
    }));
    const device = sampleDevice({ descriptor: { ...descriptor, interfaces } });
    const status = usbDeviceStatus({ ...record, device }, 'edge-1', names);
    expect(status.descriptor?.interfaceClasses).toHaveLength(32);
    expect(status.attachments?.[0]?.drivers).toHaveLength(32);
  });
});
