import { serialKey } from '../identity/identify-device.ts';
import type { KnownDevice, ScannedDevice } from '../ports.ts';
import type { DeviceReader, Found } from './device-reader.ts';
import type { DeviceTable } from './device-table.ts';

export interface TwinCheckOptions {
  readonly table: DeviceTable;
  readonly reader: DeviceReader;
  /** Resolves when every edge told so far has been taken in. */
  readonly barrier: () => Promise<void>;
  /** Tells that this device is gone. */
  readonly leave: (device: KnownDevice) => void;
}

/**
 * Keeps a device that moved from being taken for a twin of itself. Distrust of a serial number lasts for ever, so it needs
 * proof: one device was read before and after the other was, and both times was there.
 */
export class TwinCheck {
  readonly #options: TwinCheckOptions;

  constructor(options: TwinCheckOptions) {
    this.#options = options;
  }

  /** Two with one serial number that were there before anybody looked: neither was first. */
  async distrustAmong(devices: readonly ScannedDevice[]): Promise<void> {
    const { table, reader } = this.#options;
    for (const [key, twins] of Map.groupBy(devices, serialKey)) {
      if (key === undefined || twins.length < 2 || table.isDistrusted(key)) {
        continue;
      }
      // A scan takes its time: one device that moved meanwhile may have been seen in both places, but has left one.
      const again = await Promise.all(twins.map((twin) => reader.readAgain(twin)));
      if (again.filter((found) => found !== undefined && found !== 'unreadable').length > 1) {
        table.distrust(key);
      }
    }
  }

  /**
   * To be called before a device is told, and told right after. Whoever is said to be plugged in elsewhere with its serial
   * number has either left, and that is told first, or is proved to be there at the same time.
   *
   * Gives the device, undefined when it is gone itself, `unreadable` when nothing can be proved now.
   */
  async settleClaims(device: ScannedDevice): Promise<Found> {
    const proved = new Set<KnownDevice>();
    for (;;) {
      const claimant = this.#options.table.claimantsOf(device).find((candidate) => !proved.has(candidate));
      if (!claimant) {
        return device;
      }
      const found = await this.#settleClaim(device, claimant);
      if (found !== device) {
        return found;
      }
      proved.add(claimant);
    }
  }

  async #settleClaim(device: ScannedDevice, claimant: KnownDevice): Promise<Found> {
    const { table, reader, barrier, leave } = this.#options;
    await barrier();
    const other = await reader.readAgain(claimant);
    if (other === 'unreadable') {
      return other;
    }
    if (!other) {
      if (table.occupantOf(claimant.sysfsName)?.device === claimant) {
        leave(claimant);
      }
      return device;
    }
    const again = await reader.readAgain(device);
    return again === undefined || again === 'unreadable' ? again : device;
  }
}
