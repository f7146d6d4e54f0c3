/**
 * One transition of one device, as it stands in the stream `aw:hotplug`.
 * In the stream every field is a string; names there are the snake_case ones of `hotplugEventFields`.
 */
export interface HotplugEvent {
  /** Version of this shape. */
  readonly schema: '1';
  /** `<node>/<epoch>/<sequence>`: identifies the event for ever. */
  readonly eventId: string;
  readonly node: string;
  /** One opening of the agent's journal: 12 hex digits, new with each start. */
  readonly epoch: string;
  /** Counts up from 1 by 1 within an epoch. */
  readonly sequence: number;
  readonly action: HotplugAction;
  /** What noticed it. */
  readonly source: HotplugSource;
  /** True when the device vanished before its attributes could be read: only ids and location are known. */
  readonly partial: boolean;
  /** Name of the UsbDevice, `<vid>-<pid>-<signature>`. Empty when partial and never seen whole. */
  readonly deviceName: string;
  /** 16 hex digits. */
  readonly deviceSignature: string;
  readonly identityQuality: IdentityQuality;
  /** 4 lowercase hex digits. */
  readonly vendorId: string;
  /** 4 lowercase hex digits. */
  readonly productId: string;
  readonly manufacturer: string;
  readonly product: string;
  readonly serialNumber: string;
  readonly busNumber: number;
  /** Changes with every plug; never identity. */
  readonly deviceAddress: number;
  /** Ports from the root hub, joined by dots, e.g. `1.4.2`. */
  readonly portPath: string;
  /** Name under /sys/bus/usb/devices, e.g. `1-1.4.2`. */
  readonly sysfsName: string;
  /** Two-digit lowercase hex classes of the interfaces, without repetition. */
  readonly interfaceClasses: readonly string[];
  /** Milliseconds since 1970 of the transition itself, never of an earlier one. */
  readonly timestamp: number;
  /** Parsed device descriptor, at most 2 KiB as JSON; undefined when partial. */
  readonly deviceDescriptor?: UsbDescriptor;
  /** W3C trace context. */
  readonly traceparent: string;
}

export type HotplugAction = 'attach' | 'detach';
/** `netlink`: kernel uevent; `sysfs`: a scan corrected the state; `node-usb`: npm usb; `simulated`: recorded devices. */
export type HotplugSource = 'netlink' | 'sysfs' | 'node-usb' | 'simulated';
export type IdentityQuality = 'Serial' | 'Port' | 'Ambiguous';

/** Fields of the USB device descriptor (USB 2.0, 9.6.1) that are not identity. */
export interface UsbDescriptor {
  /** Two-digit lowercase hex. */
  readonly deviceClass: string;
  readonly deviceSubClass: string;
  readonly deviceProtocol: string;
  /** e.g. `2.00`. */
  readonly usbVersion: string;
  /** e.g. `1.10`. */
  readonly deviceVersion: string;
  readonly configurations: number;
  /** Megabits per second: 1.5, 12, 480, 5000, … */
  readonly speedMegabits: number;
  readonly interfaces: readonly UsbInterface[];
}

export interface UsbInterface {
  readonly number: number;
  readonly class: string;
  readonly subClass: string;
  readonly protocol: string;
  /** Kernel driver, empty when none is bound. */
  readonly driver: string;
}
