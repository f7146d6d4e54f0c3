import type { UsbDescriptor, UsbInterface } from '@autoweave/crds';
import { readdirSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isGone, readAttribute, readAttributeText } from './sysfs-files.ts';
import { parseDescriptors, versionText } from './usb-descriptors.ts';

/** Everything of a device but its strings: the kernel serves it from memory. */
export interface SysfsAttributes {
  readonly busNumber: number;
  readonly deviceAddress: number;
  readonly vendorId: string;
  readonly productId: string;
  readonly descriptor: UsbDescriptor;
}

/**
 * Reads `directory`, the folder of one device. Undefined when it is gone, or not (or no longer) a device.
 *
 * The interfaces come from the binary `descriptors` where it exists: their own folders appear only after the kernel
 * has told that the device is there. A tree without that file (recorded by hand) is read attribute by attribute.
 */
export function readSysfsAttributes(directory: string): SysfsAttributes | undefined {
  try {
    const entries = readdirSync(directory);
    const text = (name: string) => readAttributeText(join(directory, name));
    const busNumber = Number.parseInt(text('busnum'), 10);
    const deviceAddress = Number.parseInt(text('devnum'), 10);
    const described = entries.includes('descriptors')
      ? fromDescriptors(directory, entries)
      : fromAttributes(directory, entries);
    if (!described || !(busNumber > 0) || !(deviceAddress > 0)) {
      return undefined;
    }
    const { vendorId, productId, ...descriptor } = described;
    const speedMegabits = Number.parseFloat(text('speed'));
    return {
      busNumber,
      deviceAddress,
      vendorId,
      productId,
      descriptor: { ...descriptor, speedMegabits: speedMegabits > 0 ? speedMegabits : 0 },
    };
  } catch (error) {
    if (isGone(error)) {
      return undefined;
    }
    throw error;
  }
}

type Described = Omit<UsbDescriptor, 'speedMegabits'> & { readonly vendorId: string; readonly productId: string };

function fromDescriptors(directory: string, entries: readonly string[]): Described | undefined {
  const parsed = parseDescriptors(readAttribute(join(directory, 'descriptors')));
  if (!parsed) {
    return undefined;
  }
  const folders = interfaceFolders(entries);
  const active = folders[0]?.configuration ?? [...parsed.configurations.keys()][0] ?? 0;
  const interfaces = (parsed.configurations.get(active) ?? []).map((usbInterface) => {
    const folder = folders.find((candidate) => candidate.number === usbInterface.number);
    return folder ? { ...usbInterface, driver: readDriver(join(directory, folder.name)) } : usbInterface;
  });
  return { vendorId: parsed.vendorId, productId: parsed.productId, ...parsed.device, interfaces };
}

function fromAttributes(directory: string, entries: readonly string[]): Described | undefined {
  const text = (name: string) => readAttributeText(join(directory, name)).toLowerCase();
  const vendorId = text('idVendor');
  const productId = text('idProduct');
  if (!/^[0-9a-f]{4}$/.test(vendorId) || !/^[0-9a-f]{4}$/.test(productId)) {
    return undefined;
  }
  return {
    vendorId,
    productId,
    deviceClass: hexByte(text('bDeviceClass')),
    deviceSubClass: hexByte(text('bDeviceSubClass')),
    deviceProtocol: hexByte(text('bDeviceProtocol')),
    usbVersion: /^\d+\.\d\d$/.exec(text('version'))?.[0] ?? '0.00',
    deviceVersion: versionText(Number.parseInt(text('bcdDevice'), 16) || 0),
    configurations: Number.parseInt(text('bNumConfigurations'), 10) || 0,
    interfaces: interfaceFolders(entries).map((folder) => readInterface(join(directory, folder.name), folder.number)),
  };
}

function readInterface(directory: string, number: number): UsbInterface {
  const byte = (name: string) => hexByte(readAttributeText(join(directory, name)).toLowerCase());
  return {
    number,
    class: byte('bInterfaceClass'),
    subClass: byte('bInterfaceSubClass'),
    protocol: byte('bInterfaceProtocol'),
    driver: readDriver(directory),
  };
}

interface InterfaceFolder {
  readonly name: string;
  readonly configuration: number;
  readonly number: number;
}

/** `1-1.4:1.0`: configuration 1 is active, this is its interface 0. Ordered by interface. */
function interfaceFolders(entries: readonly string[]): InterfaceFolder[] {
  const folders: InterfaceFolder[] = [];
  for (const name of entries) {
    const match = /^[\d.-]+:(\d+)\.(\d+)$/.exec(name);
    if (match) {
      folders.push({ name, configuration: Number(match[1]), number: Number(match[2]) });
    }
  }
  return folders.toSorted((left, right) => left.number - right.number);
}

function readDriver(directory: string): string {
  try {
    return basename(readlinkSync(join(directory, 'driver')));
  } catch (error) {
    if (isGone(error)) {
      return '';
    }
    throw error;
  }
}

function hexByte(text: string): string {
  return /^[0-9a-f]{2}$/.test(text) ? text : '00';
}
