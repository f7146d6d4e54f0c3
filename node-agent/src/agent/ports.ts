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

/** Reads the truth. Implementations: sysfs, npm usb, and whatever a test writes; one conformance suite holds them. */
export interface UsbSource {
  readonly name: HotplugSource;
  /** @throws AutoWeaveError AW_USB_UNAVAILABLE when there is no USB tree now. */
  scan(signal: AbortSignal): Promise<readonly ScannedDevice[]>;
  /** One device, or undefined when it is gone. */
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
  /** SEQNUM of the kernel. */
  readonly kernelSequence: bigint;
  /** Milliseconds since 1970 when it was received. */
  readonly timestamp: number;
}

/** Tells edges and hints. `hint` means: something may have changed, scan soon. */
export interface UsbEdgeSource {
  readonly name: HotplugSource;
  start(listener: UsbEdgeListener): Promise<void>;
  stop(): Promise<void>;
}

export interface UsbEdgeListener {
  edge(edge: UsbEdge): void;
  hint(reason: string): void;
  /** Edges were lost (ENOBUFS, Drops); a scan must follow. */
  overflow(reason: string): void;
  failed(error: Error): void;
}

/** A device with its identity, as the inventory keeps it. */
export interface KnownDevice extends ScannedDevice {
  /** `<vid>-<pid>-<signature>` */
  readonly name: string;
  readonly signature: string;
  readonly identityQuality: IdentityQuality;
  /** Milliseconds since 1970. */
  readonly attachedAt: number;
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

/** Journals a transition durably and gives it its number; delivery follows in its own time. */
export interface EventSink {
  record(transition: Transition): HotplugEvent;
}

export interface Clock {
  now(): number;
}
