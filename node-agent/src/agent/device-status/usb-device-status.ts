import type { UsbDeviceAttachment, UsbDeviceDescriptor, UsbDeviceIdentity, UsbDeviceStatus } from '@autoweave/crds';
import type { DeviceRecord } from '../journal/device-record.ts';
import type { KnownDevice } from '../ports.ts';
import { classText } from '../names/class-text.ts';
import type { UsbIdNames } from '../names/usb-ids.ts';

const listLimit = 32;

/** The part of a UsbDevice's status that the agent of one node states. */
export function usbDeviceStatus(record: DeviceRecord, nodeName: string, names: UsbIdNames): UsbDeviceStatus {
  return {
    identity: identity(record.device),
    descriptor: descriptor(record.device, names),
    attachments: [usbDeviceAttachment(record, nodeName)],
  };
}

export function usbDeviceAttachment(record: DeviceRecord, nodeName: string): UsbDeviceAttachment {
  const { device, present, since, lastEventId, source } = record;
  const drivers = device.descriptor.interfaces.map((usbInterface) => usbInterface.driver).filter((name) => name !== '');
  return {
    nodeName,
    present,
    portPath: device.portPath,
    sysfsName: device.sysfsName,
    busNumber: device.busNumber,
    deviceAddress: device.deviceAddress,
    drivers: present ? distinct(drivers) : [],
    since: new Date(since).toISOString(),
    lastEventId,
    source,
  };
}

function identity({ vendorId, productId, serialNumber, signature, identityQuality }: KnownDevice): UsbDeviceIdentity {
  return { vendorId, productId, signature, quality: identityQuality, ...given({ serialNumber }) };
}

function descriptor(device: KnownDevice, names: UsbIdNames): UsbDeviceDescriptor {
  const { vendorId, productId, manufacturer, product } = device;
  const { deviceClass, usbVersion, deviceVersion, speedMegabits, interfaces } = device.descriptor;
  return {
    id: `${vendorId}:${productId}`,
    ...given({ manufacturer, product, ...names }),
    class: classText(device.descriptor),
    deviceClass,
    interfaceClasses: distinct(interfaces.map((usbInterface) => usbInterface.class)),
    usbVersion,
    deviceVersion,
    speedMegabits,
  };
}

/** A text that the device does not have is absent, not empty. */
function given<Name extends string>(texts: Record<Name, string>): Partial<Record<Name, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')) as Partial<Record<Name, string>>;
}

function distinct(items: readonly string[]): string[] {
  return [...new Set(items)].slice(0, listLimit);
}
