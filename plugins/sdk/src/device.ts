/** A device was plugged in or pulled out. Two events are never about the same transition. */
export type HotplugEvent = {
  readonly action: 'attach' | 'detach';
  /** `<node>/<journal>/<number>`: identifies the event for ever. */
  readonly id: string;
  /** Kubernetes node. */
  readonly node: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** The device was gone before it could be read: only ids and location are known. */
  readonly partial: boolean;
  readonly device: DeviceInfo;
};

export type DeviceInfo = {
  /** Of the UsbDevice, `<vid>-<pid>-<signature>`: stays the same when the device is plugged in again. */
  readonly name: string;
  /** 16 hex digits. */
  readonly signature: string;
  /** `Serial`: known by its serial number; `Port`: by where it is plugged in; `Ambiguous`: by neither for certain. */
  readonly identityQuality: 'Serial' | 'Port' | 'Ambiguous';
  /** 4 lowercase hex digits. */
  readonly vendorId: string;
  /** 4 lowercase hex digits. */
  readonly productId: string;
  /** Empty when the device does not tell. */
  readonly manufacturer: string;
  readonly product: string;
  readonly serialNumber: string;
  /** Ports from the root hub, joined by dots, e.g. `1.4.2`. */
  readonly portPath: string;
  readonly busNumber: number;
  /** Changes with every plug. */
  readonly deviceAddress: number;
  /** Two-digit lowercase hex classes of the interfaces, each once. */
  readonly interfaceClasses: readonly string[];
  /** Undefined when the event is partial. */
  readonly descriptor?: UsbDescriptor;
};

/** Fields of the USB device descriptor (USB 2.0, 9.6.1) that are not identity. */
export type UsbDescriptor = {
  /** Two-digit lowercase hex, like the next two. */
  readonly deviceClass: string;
  readonly deviceSubClass: string;
  readonly deviceProtocol: string;
  /** e.g. `2.00`. */
  readonly usbVersion: string;
  readonly deviceVersion: string;
  readonly configurations: number;
  /** 1.5, 12, 480, 5000, … */
  readonly speedMegabits: number;
  readonly interfaces: readonly UsbInterface[];
};

export type UsbInterface = {
  readonly number: number;
  /** Two-digit lowercase hex, like the next two. */
  readonly class: string;
  readonly subClass: string;
  readonly protocol: string;
  /** Kernel driver; empty when none is bound. */
  readonly driver: string;
};
