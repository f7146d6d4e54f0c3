// Generated from crds/manifests by `npm run generate`; do not edit.

import type { Condition, ObjectMeta } from '../kube-types.ts';

/**
 * A USB device of the cluster, wherever it is plugged in. Node agents create it when they first see the device. The spec holds what people want of it, the status what was observed.
 */
export interface UsbDevice {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: UsbDeviceSpec;
  readonly status?: UsbDeviceStatus;
}

/**
 * What people want of the device. Agents and operator never write it.
 */
export interface UsbDeviceSpec {
  /**
   * A name for people, e.g. `barcode-scanner-3`, shown by `kubectl get usbdevices -o wide`. Set `expected`, too, or it goes with the UsbDevice when the device has been away for long.
   */
  readonly alias?: string;
  /**
   * The device belongs here: its UsbDevice stays for ever when the device is away. Others are deleted after `spec.devices.retentionHours` of the AutoWeavePolicy `default`.
   */
  readonly expected?: boolean;
  /**
   * No plugin may use the device. Nothing acts on it yet.
   */
  readonly blocked?: boolean;
  /**
   * Only plugins of this namespace may use the device. Nothing acts on it yet.
   */
  readonly namespace?: string;
  /**
   * Names of the nodes at which the device may be used; absent: all. A serial number can be forged, this binds the device to places. Nothing acts on it yet.
   */
  readonly allowedNodes?: readonly string[];
}

/**
 * What was observed. Agents write identity, descriptor and their own attachment, the operator writes the conditions.
 */
export interface UsbDeviceStatus {
  readonly identity?: UsbDeviceIdentity;
  readonly descriptor?: UsbDeviceDescriptor;
  /**
   * Where the device is and was, one entry a node. Each agent writes only its own.
   */
  readonly attachments?: readonly UsbDeviceAttachment[];
  /**
   * The attachments[].lastEventId that Kubernetes Events were written for, so that none is written twice.
   */
  readonly reportedEventIds?: readonly string[];
  /**
   * `Ready`: can be used. `Attached`: some node holds it. `Conflicted` (only when True): two nodes hold it at once, nothing is routed to it.
   */
  readonly conditions?: readonly Condition[];
}

/**
 * What makes the device this one. It survives re-plugging, also elsewhere when the serial number is good.
 */
export interface UsbDeviceIdentity {
  /**
   * Four lowercase hex digits, e.g. `046d`.
   */
  readonly vendorId: string;
  /**
   * Four lowercase hex digits, e.g. `c31c`.
   */
  readonly productId: string;
  /**
   * As the device tells it; absent when it tells none.
   */
  readonly serialNumber?: string;
  /**
   * First 16 hex digits of a SHA-256 over vendor, product and serial number, or, when that number cannot be trusted, over vendor, product, node and port path.
   */
  readonly signature: string;
  /**
   * `Serial`: known by its serial number anywhere. `Port`: known by node and port, since it has no serial number to trust. `Ambiguous`: another device told the same serial number.
   */
  readonly quality: 'Serial' | 'Port' | 'Ambiguous';
}

/**
 * What the device tells about itself.
 */
export interface UsbDeviceDescriptor {
  /**
   * Vendor and product id as `lsusb` prints them, e.g. `046d:c31c`.
   */
  readonly id?: string;
  /**
   * Manufacturer string of the device; absent when it has none.
   */
  readonly manufacturer?: string;
  /**
   * Product string of the device; absent when it has none.
   */
  readonly product?: string;
  /**
   * The manufacturer string, else the name of the vendor id in the USB ID database.
   */
  readonly vendorName?: string;
  /**
   * The product string, else the name of the product id in the USB ID database.
   */
  readonly productName?: string;
  /**
   * Its kind in a word (audio, bluetooth, cdc, hid, hub, printer, serial, smartcard, storage, vendor, video, …), from the device class or else its interfaces.
   */
  readonly class?: string;
  /**
   * bDeviceClass, two hex digits; `00` means that the interfaces tell.
   */
  readonly deviceClass?: string;
  /**
   * bInterfaceClass of the interfaces, each once.
   */
  readonly interfaceClasses?: readonly string[];
  /**
   * bcdUSB, e.g. `2.00`.
   */
  readonly usbVersion?: string;
  /**
   * bcdDevice, e.g. `1.10`.
   */
  readonly deviceVersion?: string;
  /**
   * Negotiated speed in megabits per second, 1.5, 12, 480, 5000, 10000 or 20000.
   */
  readonly speedMegabits?: number;
}

export interface UsbDeviceAttachment {
  /**
   * Name of the node.
   */
  readonly nodeName: string;
  /**
   * Whether the device is plugged in there now.
   */
  readonly present: boolean;
  /**
   * Ports from the root hub, joined by dots, e.g. `1.4.2`. The last ones when it is away.
   */
  readonly portPath?: string;
  /**
   * Name below /sys/bus/usb/devices, e.g. `1-1.4.2`.
   */
  readonly sysfsName?: string;
  /**
   * Number of the bus; may change when the node starts again.
   */
  readonly busNumber?: number;
  /**
   * Address on the bus; changes with every plug.
   */
  readonly deviceAddress?: number;
  /**
   * Kernel drivers that are bound to its interfaces, each once.
   */
  readonly drivers?: readonly string[];
  /**
   * When it came or went the last time.
   */
  readonly since?: string;
  /**
   * Id of the event of that change, `<node>/<epoch>/<sequence>`; the same as in the stream.
   */
  readonly lastEventId?: string;
  /**
   * What noticed that change (netlink, sysfs, node-usb, simulated).
   */
  readonly source?: string;
}
