import type { UsbInterface } from '@autoweave/crds';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ScannedDevice } from '../ports.ts';
import { encodeDescriptors } from './encode-descriptors.ts';

/** Makes a tree as the kernel's below `root`, with these devices plugged in. Parents come before children. */
export function writeSysfsTree(root: string, devices: readonly ScannedDevice[]): void {
  mkdirSync(join(root, 'bus/usb/devices'), { recursive: true });
  for (const device of devices) {
    plugIntoSysfs(root, device);
  }
}

/**
 * Adds a device in the kernel's order: its attributes first, its link in the list of devices last.
 * Its interfaces get folders only with `interfaces: true` (the default); the kernel makes them after the add event.
 */
export function plugIntoSysfs(root: string, device: ScannedDevice, { interfaces = true } = {}): void {
  const directory = join(root, device.devicePath);
  mkdirSync(directory, { recursive: true });
  for (const [name, value] of Object.entries(attributesOf(device))) {
    writeFileSync(join(directory, name), `${value}\n`);
  }
  writeFileSync(join(directory, 'descriptors'), encodeDescriptors(device));
  if (interfaces) {
    bindInterfaces(root, device);
  }
  const list = join(root, 'bus/usb/devices');
  symlinkSync(relative(list, directory), join(list, device.sysfsName));
}

/** Adds the folders of the interfaces, with their drivers. */
export function bindInterfaces(root: string, device: ScannedDevice): void {
  for (const usbInterface of device.descriptor.interfaces) {
    const directory = join(root, device.devicePath, `${device.sysfsName}:1.${usbInterface.number}`);
    mkdirSync(directory);
    for (const [name, value] of Object.entries(interfaceAttributesOf(usbInterface))) {
      writeFileSync(join(directory, name), `${value}\n`);
    }
    if (usbInterface.driver !== '') {
      symlinkSync(join('/sys/bus/usb/drivers', usbInterface.driver), join(directory, 'driver'));
    }
  }
}

/** Removes a device in the kernel's order: its link first. What is plugged into it must be gone already. */
export function unplugFromSysfs(root: string, device: Pick<ScannedDevice, 'sysfsName' | 'devicePath'>): void {
  rmSync(join(root, 'bus/usb/devices', device.sysfsName));
  const grave = join(root, `removed-${device.sysfsName}`);
  renameSync(join(root, device.devicePath), grave);
  rmSync(grave, { recursive: true });
}

function attributesOf(device: ScannedDevice): Record<string, string> {
  const { descriptor } = device;
  const strings = Object.entries({
    serial: device.serialNumber,
    manufacturer: device.manufacturer,
    product: device.product,
  }).filter(([, value]) => value !== '');
  return {
    idVendor: device.vendorId,
    idProduct: device.productId,
    busnum: String(device.busNumber),
    devnum: String(device.deviceAddress),
    devpath: device.portPath,
    speed: String(descriptor.speedMegabits),
    version: descriptor.usbVersion.padStart(5),
    bcdDevice: descriptor.deviceVersion.replace('.', '').padStart(4, '0'),
    bDeviceClass: descriptor.deviceClass,
    bDeviceSubClass: descriptor.deviceSubClass,
    bDeviceProtocol: descriptor.deviceProtocol,
    bNumConfigurations: String(descriptor.configurations),
    ...Object.fromEntries(strings),
  };
}

function interfaceAttributesOf(usbInterface: UsbInterface): Record<string, string> {
  return {
    bInterfaceNumber: usbInterface.number.toString(16).padStart(2, '0'),
    bInterfaceClass: usbInterface.class,
    bInterfaceSubClass: usbInterface.subClass,
    bInterfaceProtocol: usbInterface.protocol,
    bAlternateSetting: ' 0',
  };
}
