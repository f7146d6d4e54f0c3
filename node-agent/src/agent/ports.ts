import type { HotplugAction, HotplugEvent, HotplugSource, IdentityQuality, UsbDescriptor } from '@autoweave/crds';

/** One device as a scan finds it. Root hubs are left out: they are part of the machine. */
export interface ScannedDevice {
  /** e.g. `1-1.4.2`: unique on a machine at one time. */
  readonly sysfsName: string;
  /** Path below /sys, as in a uevent, e.g. `/devices/pci0000:00/…/usb1/1-1`. Empty when the source cannot know it. */
  readonly devicePath: string;
  readonly busNumber: number;
  readonly deviceAddress: number;
  readonly portPath: string;
  /** 4 lowercase hex digits. */
  readonly vendorId: string;
  readonly productId: string;
  readonly manufacturer: string;
  readonly product: string;
  readonly serialNumber: string;
  readonly descriptor: UsbDescriptor;
}

/** What a scan found. */
export interface ScanResult {
  readonly devices: readonly ScannedDevice[];
  /** Plugged in but unreadable now, with the reason, by sysfs name: nothing may be concluded about them. */
  readonly unreadable: ReadonlyMap<string, Error>;
}

/** Reads the truth. Implementations: sysfs, npm usb, and whatever a test writes; one conformance suite holds them. */
export interface UsbSource {
  readonly name: HotplugSource;
  /** @throws AutoWeaveError AW_USB_UNAVAILABLE when there is no USB tree now. */
  scan(signal: AbortSignal): Promise<ScanResult>;
  /**
   * One device, or undefined when it is gone.
   * @throws AutoWeaveError AW_USB_UNREADABLE when it is there but does not answer in time.
   */
  read(sysfsName: string, signal: AbortSignal): Promise<ScannedDevice | undefined>;
}

/** An edge as the kernel told it. */
export interface UsbEdge {
  readonly action: 'add' | 'remove';
  readonly sysfsName: string;
  readonly devicePath: string;
  readonly busNumber: number;
  readonly deviceAddress: number;
  readonly vendorId: string;
  readonly productId: string;
  /** SEQNUM of the kernel: grows from edge to edge of one device path. */
  readonly kernelSequence: bigint;
  /** Milliseconds since 1970 when it was received. */
  readonly timestamp: number;
}

/** Tells edges and hints. */
export interface UsbEdgeSource {
  /** For people: status, logs and metrics. */
  readonly name: string;
  /** What transitions from its edges are published as; undefined when it only ever hints. */
  readonly edgesAs: HotplugSource | undefined;
  /** Resolves when it listens. May be called again after `failed` or `stop`. */
  start(listener: UsbEdgeListener): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when the listener has heard every edge that the kernel told before this call. */
  barrier(): Promise<void>;
}

export interface UsbEdgeListener {
  edge(edge: UsbEdge): void;
  /** Something about this device changed (a driver was bound): read it again soon. */
  changed(sysfsName: string): void;
  /** Something may have changed somewhere: scan soon. */
  hint(reason: string): void;
  /** Edges were lost (ENOBUFS, Drops); a scan must follow. */
  overflow(reason: string): void;
  /** It stopped by itself and tells nothing more until it is started again. */
  failed(error: Error): void;
}

/** A device with its identity, as the inventory keeps it. */
export interface KnownDevice extends ScannedDevice {
  /** `<vid>-<pid>-<signature>`; empty when the device was gone before it could be read. */
  readonly name: string;
  readonly signature: string;
  readonly identityQuality: IdentityQuality;
  /** Milliseconds since 1970. */
  readonly attachedAt: number;
  /** Boot of the kernel that numbered it: bus and address mean nothing in another boot. Absent where unknown. */
  readonly bootId?: string;
}

/** One change of the inventory. The same transition is never told twice. */
export interface Transition {
  readonly action: HotplugAction;
  readonly device: KnownDevice;
  readonly source: HotplugSource;
  /** The device was gone before it could be read: ids and location only. */
  readonly partial: boolean;
  readonly timestamp: number;
  readonly traceparent: string;
}

/**
 * Journals a transition durably and gives it its number; delivery follows in its own time.
 * When it throws, the transition counts as not told, and the next scan tells it as a correction.
 */
export interface EventSink {
  record(transition: Transition): HotplugEvent;
}

/**
 * Serial numbers that two devices carried at once, by `serialKey`. Sticky: a key that is in stays in, over restarts
 * (the journal keeps them), and the operator may tell of further ones.
 */
export interface DistrustedSerials {
  has(key: string): boolean;
  add(key: string): void;
}

/** Counts for the metrics endpoint. */
export interface UsbMetrics {
  /** `usb_events_total{action,source}` */
  eventTold(action: HotplugAction, source: HotplugSource): void;
  /** `usb_devices_connected` */
  devicesConnected(count: number): void;
  /** `autoweave_uevent_overflow_total` */
  ueventsLost(): void;
}

export interface Clock {
  now(): number;
}
