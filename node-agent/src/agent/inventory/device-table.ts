import type { HotplugAction, HotplugSource } from '@autoweave/crds';
import { newTraceparent } from '@autoweave/platform/telemetry';
import { identifyDevice, serialKey, type DeviceIdentity } from '../identity/identify-device.ts';
import type { DistrustedSerials, EventSink, KnownDevice, ScannedDevice, UsbMetrics } from '../ports.ts';
import { isAllowed, type DeviceFilters } from './device-filters.ts';
import type { Occupant, Told } from './path-state.ts';

export interface DeviceTableOptions {
  readonly nodeName: string;
  /** Of the running kernel. */
  readonly bootId?: string;
  readonly sink: EventSink;
  readonly distrusted: DistrustedSerials;
  readonly metrics: UsbMetrics;
  readonly filters: DeviceFilters;
  /** Share of the events whose trace is recorded; default: all. */
  readonly traceShare?: number;
}

/** What happened to a device, and how it was noticed. */
export interface Happening extends Told {
  readonly source: HotplugSource;
}

interface Entry {
  readonly device: KnownDevice;
  readonly partial: boolean;
  /** False while the filters hide it. */
  readonly told: boolean;
}

/** Everything that is plugged in, by sysfs name, with the identity it got when it came. Records what changes. */
export class DeviceTable {
  readonly #options: DeviceTableOptions;
  readonly #entries = new Map<string, Entry>();
  /** Sysfs names by serial key. */
  readonly #carriers = new Map<string, Set<string>>();
  #visibleCount = 0;
  #filters: DeviceFilters;

  constructor(options: DeviceTableOptions) {
    this.#options = options;
    this.#filters = options.filters;
  }

  /** Takes in what an earlier process recorded, without recording it again. */
  restore(device: KnownDevice): void {
    this.#set({ device, partial: device.name === '', told: true });
  }

  /** @throws what the sink throws; nothing has changed then. */
  tell(happening: Happening): void {
    if (happening.action === 'attach') {
      this.#attach(happening);
    } else {
      this.#detach(happening);
    }
  }

  /** Takes in what became known of a device since it came. Undefined when that is nothing, or nobody may see it. */
  refresh(found: ScannedDevice): KnownDevice | undefined {
    const entry = this.#entries.get(found.sysfsName);
    if (!entry || JSON.stringify(entry.device.descriptor) === JSON.stringify(found.descriptor)) {
      return undefined;
    }
    const device = { ...entry.device, descriptor: found.descriptor };
    this.#set({ ...entry, device });
    return entry.told ? device : undefined;
  }

  /** Tells of what comes into sight and of what goes out of it. */
  setFilters(filters: DeviceFilters, moment: Pick<Happening, 'source' | 'timestamp'>): void {
    this.#filters = filters;
    for (const entry of this.#entries.values().toArray()) {
      const told = isAllowed(entry.device, filters);
      if (told !== entry.told) {
        const device = told ? { ...entry.device, attachedAt: moment.timestamp } : entry.device;
        this.#record(told ? 'attach' : 'detach', { ...entry, device }, moment);
        this.#set({ ...entry, device, told });
      }
    }
  }

  occupantOf(sysfsName: string): Occupant | undefined {
    return this.#entries.get(sysfsName);
  }

  sysfsNames(): string[] {
    return [...this.#entries.keys()];
  }

  /** What users see: whole and not hidden. */
  visible(): KnownDevice[] {
    return [...this.#entries.values()].filter(isVisible).map((entry) => entry.device);
  }

  /** Devices in other places with the serial number of this one. */
  claimantsOf(device: ScannedDevice): KnownDevice[] {
    const carriers = [...(this.#carriers.get(serialKey(device) ?? '') ?? [])];
    return carriers.flatMap((sysfsName) => {
      const entry = sysfsName === device.sysfsName ? undefined : this.#entries.get(sysfsName);
      return entry ? [entry.device] : [];
    });
  }

  isDistrusted(key: string): boolean {
    return this.#options.distrusted.has(key);
  }

  distrust(key: string): void {
    this.#options.distrusted.add(key);
  }

  #attach({ device, partial, timestamp, source }: Happening): void {
    const { bootId } = this.#options;
    const identity = partial ? unknownIdentity : this.#identify(device);
    const known = { ...device, ...identity, attachedAt: timestamp, ...(bootId === undefined ? {} : { bootId }) };
    const entry = { device: known, partial, told: isAllowed(device, this.#filters) };
    if (entry.told) {
      this.#record('attach', entry, { source, timestamp });
    }
    this.#set(entry);
  }

  #detach({ device, timestamp, source }: Happening): void {
    const entry = this.#entries.get(device.sysfsName);
    if (entry?.told === true) {
      this.#record('detach', entry, { source, timestamp });
    }
    this.#delete(device.sysfsName);
  }

  /** Who was there first keeps its name; from its second carrier on, a serial number names nobody. */
  #identify(device: ScannedDevice): DeviceIdentity {
    const { nodeName, distrusted } = this.#options;
    const key = serialKey(device);
    if (key !== undefined && this.claimantsOf(device).length > 0) {
      distrusted.add(key);
    }
    return identifyDevice(device, { nodeName, distrusted });
  }

  #record(action: HotplugAction, entry: Omit<Entry, 'told'>, moment: Pick<Happening, 'source' | 'timestamp'>): void {
    const { sink, metrics, traceShare } = this.#options;
    const { device, partial } = entry;
    sink.record({ action, device, partial, ...moment, traceparent: newTraceparent(traceShare) });
    metrics.eventTold(action, moment.source);
  }

  #set(entry: Entry): void {
    const { sysfsName } = entry.device;
    this.#delete(sysfsName);
    this.#entries.set(sysfsName, entry);
    const key = serialKey(entry.device);
    if (key !== undefined) {
      this.#carriers.set(key, (this.#carriers.get(key) ?? new Set()).add(sysfsName));
    }
    this.#count(entry, 1);
  }

  #delete(sysfsName: string): void {
    const entry = this.#entries.get(sysfsName);
    if (!entry) {
      return;
    }
    this.#entries.delete(sysfsName);
    const key = serialKey(entry.device) ?? '';
    const carriers = this.#carriers.get(key);
    carriers?.delete(sysfsName);
    if (carriers?.size === 0) {
      this.#carriers.delete(key);
    }
    this.#count(entry, -1);
  }

  #count(entry: Entry, change: 1 | -1): void {
    this.#visibleCount += isVisible(entry) ? change : 0;
    this.#options.metrics.devicesConnected(this.#visibleCount);
  }
}

function isVisible({ told, partial }: Entry): boolean {
  return told && !partial;
}

/** Of a device that was gone before it could be read. */
const unknownIdentity: DeviceIdentity = { name: '', signature: '', identityQuality: 'Port' };
