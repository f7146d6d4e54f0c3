import type { UsbDescriptor } from '@autoweave/crds';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import { existsSync, realpathSync } from 'node:fs';
import type { WebUSB } from 'usb';
import type { ScannedDevice, ScanResult, UsbSource } from '../ports.ts';
import { cleanUsbText } from './usb-text.ts';
import { hex } from './usb-descriptors.ts';

const sysfsDevices = '/sys/bus/usb/devices';

const speeds: Readonly<Record<string, number>> = { low: 1.5, full: 12, high: 480, super: 5000, superPlus: 10_000 };

type UsbDevice = Awaited<ReturnType<WebUSB['getDevices']>>[number];

/** What we read of W3C's USBConfiguration. */
interface Configuration {
  readonly interfaces: readonly { readonly interfaceNumber: number; readonly alternate: AlternateInterface }[];
}

interface AlternateInterface {
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
}

/**
 * Reads devices through npm `usb`, which knows macOS and Windows, too. On Linux it reads the sysfs tree of the machine,
 * and sees configurations only of devices that it may open; interfaces are empty otherwise, and drivers are always.
 */
export class NodeUsbSource implements UsbSource {
  readonly name = 'node-usb';
  #usb: Promise<WebUSB> | undefined;

  async scan(signal: AbortSignal): Promise<ScanResult> {
    assertTree();
    this.#usb ??= loadUsb();
    const usb = await this.#usb;
    let devices: UsbDevice[];
    try {
      devices = await usb.getDevices();
    } catch (error) {
      throw new AutoWeaveError('AW_USB_UNAVAILABLE', `USB devices cannot be listed: ${errorMessage(error)}`, {
        cause: error,
      });
    }
    signal.throwIfAborted();
    return { devices: devices.map(scannedDevice), unreadable: new Map() };
  }

  async read(sysfsName: string, signal: AbortSignal): Promise<ScannedDevice | undefined> {
    const { devices } = await this.scan(signal);
    return devices.find((device) => device.sysfsName === sysfsName);
  }
}

/** Without a tree `usb` 3.1.0 rejects in places where nobody can catch it, so it is not even loaded then. */
export function assertTree(): void {
  if (process.platform === 'linux' && !existsSync(sysfsDevices)) {
    throw new AutoWeaveError('AW_USB_UNAVAILABLE', `There is no USB tree at ${sysfsDevices}`);
  }
}

/** Loaded late: a native library that most agents never need. */
export async function loadUsb(): Promise<WebUSB> {
  const { WebUSB } = await import('usb');
  return new WebUSB({ allowAllDevices: true });
}

function scannedDevice(device: UsbDevice): ScannedDevice {
  const portPath = device.ports.join('.');
  const sysfsName = `${Number(device.bus) || device.bus}-${portPath}`;
  return {
    sysfsName,
    devicePath: devicePathOf(sysfsName),
    busNumber: Number.parseInt(device.bus, 10) || 0,
    deviceAddress: device.address,
    portPath,
    vendorId: hex(device.vendorId, 4),
    productId: hex(device.productId, 4),
    manufacturer: textOf(() => device.manufacturerName),
    product: textOf(() => device.productName),
    serialNumber: textOf(() => device.serialNumber),
    descriptor: descriptorOf(device),
  };
}

function descriptorOf(device: UsbDevice): UsbDescriptor {
  const { deviceVersionMajor, deviceVersionMinor, deviceVersionSubminor } = device;
  const { usbVersionMajor, usbVersionMinor, usbVersionSubminor } = device;
  const configurations: readonly Configuration[] = unlessClosed(() => device.configurations) ?? [];
  return {
    deviceClass: hex(device.deviceClass, 2),
    deviceSubClass: hex(device.deviceSubclass, 2),
    deviceProtocol: hex(device.deviceProtocol, 2),
    usbVersion: versionOf(usbVersionMajor, usbVersionMinor, usbVersionSubminor),
    deviceVersion: versionOf(deviceVersionMajor, deviceVersionMinor, deviceVersionSubminor),
    configurations: configurations.length,
    speedMegabits: speeds[device.speed ?? ''] ?? 0,
    interfaces: (configurations[0]?.interfaces ?? []).map(({ interfaceNumber, alternate }) => ({
      number: interfaceNumber,
      class: hex(alternate.interfaceClass, 2),
      subClass: hex(alternate.interfaceSubclass, 2),
      protocol: hex(alternate.interfaceProtocol, 2),
      driver: '',
    })),
  };
}

function textOf(get: () => string | null | undefined): string {
  return cleanUsbText(unlessClosed(get) ?? '');
}

/** What sysfs does not tell, `usb` opens the device for; it throws when it may not, or when the device is gone. */
function unlessClosed<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

function devicePathOf(sysfsName: string): string {
  try {
    return realpathSync(`${sysfsDevices}/${sysfsName}`).replace(/^\/sys/, '');
  } catch {
    return '';
  }
}

/** `usb` splits binary coded decimals: major is the high byte as a number, minor and subminor are digits. */
function versionOf(major: number, minor: number, subminor: number): string {
  return `${major.toString(16)}.${minor.toString(16)}${subminor.toString(16)}`;
}
