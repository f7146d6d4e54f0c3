import type { HotplugEvent } from '@autoweave/crds';
import type { KnownDevice } from '../ports.ts';

/** What the journal last recorded about a device at a port. */
export interface DeviceRecord {
  readonly device: KnownDevice;
  /** False: it left, and the cluster has not been told yet. */
  readonly present: boolean;
  /** Milliseconds since 1970 of the last flip of `present`. */
  readonly since: number;
  readonly lastEventId: string;
  readonly source: HotplugEvent['source'];
  /** Position of its last event in the journal. */
  readonly position: number;
}

/** One event and what it makes of its device. */
export interface JournalEntry {
  readonly position: number;
  readonly event: HotplugEvent;
}

export function deviceKey(device: Pick<KnownDevice, 'sysfsName' | 'name'>): string {
  return `${device.sysfsName} ${device.name}`;
}
