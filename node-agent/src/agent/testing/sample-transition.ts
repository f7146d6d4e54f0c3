import { createHash } from 'node:crypto';
import { newTraceparent } from '@autoweave/platform/telemetry';
import type { KnownDevice, Transition } from '../ports.ts';

/** A keyboard; its name follows from vendor, product and serial number, so that different devices have different names. */
export function sampleDevice(overrides: Partial<KnownDevice> = {}): KnownDevice {
  const { vendorId = '046d', productId = 'c31c', serialNumber = 'K1' } = overrides;
  const signature = createHash('sha256').update(`${vendorId}:${productId}:${serialNumber}`).digest('hex').slice(0, 16);
  return {
    name: `${vendorId}-${productId}-${signature}`,
    signature,
    identityQuality: 'Serial',
    attachedAt: 1_700_000_000_000,
    bootId: '7c1f2a52-6b6c-4bb4-9c3e-1d2f0c4f9b11',
    sysfsName: '1-1',
    devicePath: '/devices/pci0000:00/0000:00:04.0/usb1/1-1',
    busNumber: 1,
    deviceAddress: 2,
    portPath: '1',
    vendorId,
    productId,
    manufacturer: 'Logitech',
    product: 'USB Keyboard',
    serialNumber,
    descriptor: {
      deviceClass: '00',
      deviceSubClass: '00',
      deviceProtocol: '00',
      usbVersion: '1.10',
      deviceVersion: '64.02',
      configurations: 1,
      speedMegabits: 1.5,
      interfaces: [
        { number: 0, class: '03', subClass: '01', protocol: '01', driver: 'usbhid' },
        { number: 1, class: '03', subClass: '00', protocol: '00', driver: 'usbhid' },
      ],
    },
    ...overrides,
  };
}

export function sampleTransition(
  action: Transition['action'] = 'attach',
  device: KnownDevice = sampleDevice(),
  overrides: Partial<Transition> = {},
): Transition {
  return {
    action,
    device,
    source: 'netlink',
    partial: false,
    timestamp: 1_700_000_000_000,
    traceparent: newTraceparent(),
    ...overrides,
  };
}
