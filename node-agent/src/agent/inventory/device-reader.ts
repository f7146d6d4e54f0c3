import type { Logger } from '@autoweave/platform/telemetry';
import type { ScannedDevice, UsbSource } from '../ports.ts';
import { isSameDevice } from './path-state.ts';

export interface DeviceReaderOptions {
  readonly source: UsbSource;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** What a read found: undefined is gone, `unreadable` allows no conclusion. */
export type Found = ScannedDevice | 'unreadable' | undefined;

/** Reads single devices. */
export class DeviceReader {
  readonly #options: DeviceReaderOptions;
  /** Names of those that could not be read last time: said once. */
  readonly #unreadable = new Set<string>();

  constructor(options: DeviceReaderOptions) {
    this.#options = options;
  }

  /** Does not throw. */
  async read(sysfsName: string): Promise<Found> {
    const { source, signal, logger } = this.#options;
    try {
      const found = await source.read(sysfsName, signal);
      this.#unreadable.delete(sysfsName);
      return found;
    } catch (error) {
      if (!signal.aborted && !this.#unreadable.has(sysfsName)) {
        this.#unreadable.add(sysfsName);
        logger.warn({ err: error, sysfsName }, 'USB device could not be read');
      }
      return 'unreadable';
    }
  }

  /** Like `read`; undefined also when another device is there now. */
  async readAgain(device: ScannedDevice): Promise<Found> {
    const found = await this.read(device.sysfsName);
    return found === 'unreadable' || (found && isSameDevice(found, device)) ? found : undefined;
  }
}
