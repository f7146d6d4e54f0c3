import type { HotplugSource } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { readdirSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ScannedDevice, ScanResult, UsbSource } from '../ports.ts';
import { StringReader } from './string-reader.ts';
import { readSysfsAttributes } from './sysfs-device.ts';
import { isGone, readAttributeText } from './sysfs-files.ts';

export interface SysfsSourceOptions {
  /** Default `/sys`. */
  readonly root?: string;
  /** What its findings are published as. Default `sysfs`. */
  readonly name?: HotplugSource;
  /** How long one device may take to tell its strings. Default 5,000. */
  readonly readTimeoutMilliseconds?: number;
}

/** Names of devices; `usb1` is a root hub, `1-1:1.0` an interface. */
const deviceName = /^\d+-\d+(?:\.\d+)*$/;

/** In the order in which they matter: a driver may take the device's lock between two of them. */
const stringAttributes = ['serial', 'manufacturer', 'product'];

/** The kernel numbers anew with each plug: a device whose number changed while it was read is read once more. */
const attempts = 3;

/** Reads the kernel's USB tree, `<root>/bus/usb/devices`. Needs no privilege and opens no device. */
export class SysfsSource implements UsbSource {
  readonly name: HotplugSource;
  readonly #root: string;
  readonly #strings: StringReader;

  constructor(options: SysfsSourceOptions = {}) {
    this.name = options.name ?? 'sysfs';
    this.#root = resolve(options.root ?? '/sys');
    this.#strings = new StringReader(options.readTimeoutMilliseconds ?? 5000);
  }

  async scan(signal: AbortSignal): Promise<ScanResult> {
    signal.throwIfAborted();
    const devices: ScannedDevice[] = [];
    const unreadable = new Map<string, Error>();
    const readInto = async (sysfsName: string) => {
      try {
        const device = await this.read(sysfsName, signal);
        if (device) {
          devices.push(device);
        }
      } catch (error) {
        signal.throwIfAborted();
        unreadable.set(sysfsName, error instanceof Error ? error : new Error(String(error)));
      }
    };
    await Promise.all(this.#list().map(readInto));
    return { devices, unreadable };
  }

  async read(sysfsName: string, signal: AbortSignal): Promise<ScannedDevice | undefined> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      signal.throwIfAborted();
      const directory = this.#resolve(sysfsName);
      if (directory === undefined) {
        return undefined;
      }
      const addressBefore = readAttributeText(join(directory, 'devnum'));
      if (addressBefore === '') {
        return undefined;
      }
      const strings = await this.#strings.read(stringAttributes.map((name) => join(directory, name)));
      const attributes = readSysfsAttributes(directory);
      if (attributes && String(attributes.deviceAddress) === addressBefore) {
        const [serialNumber = '', manufacturer = '', product = ''] = strings;
        const devicePath = directory.slice(this.#root.length);
        const portPath = sysfsName.slice(sysfsName.indexOf('-') + 1);
        return { sysfsName, devicePath, portPath, manufacturer, product, serialNumber, ...attributes };
      }
    }
    throw new AutoWeaveError('AW_USB_UNREADABLE', `${sysfsName} changed each time it was read`);
  }

  #list(): string[] {
    const directory = join(this.#root, 'bus/usb/devices');
    try {
      return readdirSync(directory).filter((name) => deviceName.test(name));
    } catch (error) {
      throw new AutoWeaveError('AW_USB_UNAVAILABLE', `There is no USB tree at ${directory}`, { cause: error });
    }
  }

  #resolve(sysfsName: string): string | undefined {
    if (!deviceName.test(sysfsName)) {
      return undefined;
    }
    try {
      const list = join(this.#root, 'bus/usb/devices');
      return resolve(list, readlinkSync(join(list, sysfsName)));
    } catch (error) {
      if (isGone(error)) {
        return undefined;
      }
      throw error;
    }
  }
}
