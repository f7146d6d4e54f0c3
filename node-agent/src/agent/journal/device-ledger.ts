import type { KnownDevice } from '../ports.ts';
import { deviceKey, type DeviceRecord, type JournalEntry } from './device-record.ts';

/** Devices that left and wait to be told to the cluster; beyond it the oldest are forgotten. */
const departedLimit = 1000;

/**
 * The state that the events of the journal add up to: devices present, and devices that left but whose UsbDevice
 * does not say so yet. It remembers which records changed since they were last saved.
 */
export class DeviceLedger {
  readonly #records = new Map<string, DeviceRecord>();
  readonly #changed = new Set<string>();
  #departed = 0;

  constructor(records: Iterable<DeviceRecord> = []) {
    for (const record of records) this.#set(record, false);
  }

  /** Keys of the records that changed since `saved`. */
  get changed(): ReadonlySet<string> {
    return this.#changed;
  }

  get(key: string): DeviceRecord | undefined {
    return this.#records.get(key);
  }

  *values(): IterableIterator<DeviceRecord> {
    yield* this.#records.values();
  }

  present(): KnownDevice[] {
    return [...this.#records.values()].filter((record) => record.present).map((record) => record.device);
  }

  /** @returns Names of the devices whose state changed. */
  apply(entry: JournalEntry, device: KnownDevice): string[] {
    const { event, position } = entry;
    const fact = { since: event.timestamp, lastEventId: event.eventId, source: event.source, position };
    if (event.action === 'detach') return this.#depart({ ...fact, device, present: false });
    const replaced = [...this.#records.values()].filter(
      (record) => record.present && record.device.sysfsName === device.sysfsName && record.device.name !== device.name,
    );
    const names = replaced.flatMap((record) => this.#depart({ ...fact, device: record.device, present: false }));
    this.#set({ ...fact, device, present: true });
    return [...names, device.name];
  }

  /** Takes in attributes that became known after the attach; `since` stays. Unknown and absent devices are ignored. */
  refresh(device: KnownDevice): boolean {
    const record = this.#records.get(deviceKey(device));
    if (record?.present !== true) return false;
    this.#set({ ...record, device });
    return true;
  }

  /** The state of a device wherever it is: the port that holds it, else the one that it left last. */
  byName(name: string): DeviceRecord | undefined {
    let best: DeviceRecord | undefined;
    for (const record of this.#records.values()) {
      if (record.device.name === name && (best === undefined || supersedes(record, best))) best = record;
    }
    return best;
  }

  /** The cluster knows the state of the device as of `position`: that it left some port before need not be kept. */
  forgetDeparted(name: string, position: number): boolean {
    const departed = [...this.#records.values()].filter(
      (record) => !record.present && record.device.name === name && record.position <= position,
    );
    for (const record of departed) this.#delete(record);
    return departed.length > 0;
  }

  saved(): void {
    this.#changed.clear();
  }

  /** After the file was replaced, all of it has to be saved again. */
  markAllChanged(): void {
    for (const key of this.#records.keys()) this.#changed.add(key);
  }

  #depart(record: DeviceRecord): string[] {
    // A device that was never seen whole has no UsbDevice that would have to hear of it.
    if (record.device.name === '') this.#delete(record);
    else this.#set(record);
    if (this.#departed > departedLimit) this.#deleteOldestDeparted();
    return [record.device.name];
  }

  #set(record: DeviceRecord, changed = true): void {
    const key = deviceKey(record.device);
    this.#departed += Number(!record.present) - Number(this.#records.get(key)?.present === false);
    this.#records.set(key, record);
    if (changed) this.#changed.add(key);
  }

  #delete(record: DeviceRecord): void {
    const key = deviceKey(record.device);
    const known = this.#records.get(key);
    if (known === undefined) return;
    if (!known.present) this.#departed -= 1;
    this.#records.delete(key);
    this.#changed.add(key);
  }

  #deleteOldestDeparted(): void {
    let oldest: DeviceRecord | undefined;
    for (const record of this.#records.values()) {
      if (!record.present && (oldest === undefined || record.position < oldest.position)) oldest = record;
    }
    if (oldest !== undefined) this.#delete(oldest);
  }
}

function supersedes(record: DeviceRecord, other: DeviceRecord): boolean {
  return record.present === other.present ? record.position > other.position : record.present;
}
