// Generated from crds/manifests by `npm run generate`; do not edit.

import type { Condition, ObjectMeta } from '../kube-types.ts';

/**
 * A node as its agent sees it; the name is that of the node. The agent creates it. The spec overrides settings for this node only.
 */
export interface UsbNode {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: UsbNodeSpec;
  readonly status?: UsbNodeStatus;
}

/**
 * Settings for this node.
 */
export interface UsbNodeSpec {
  /**
   * Any new value makes the agent scan and write everything again (e.g. after etcd was restored), then repeat the value in status.lastResyncToken.
   */
  readonly resyncToken?: string;
  readonly filters?: UsbNodeFilters;
}

/**
 * Which devices of this node count, instead of the filters of the AutoWeavePolicy `default`.
 */
export interface UsbNodeFilters {
  /**
   * Only devices that match one of these count; absent or empty, all do.
   */
  readonly allow?: readonly UsbNodeFilter[];
  /**
   * Devices that match one of these do not count, even when allowed.
   */
  readonly deny?: readonly UsbNodeFilter[];
}

/**
 * Matches when every given field does.
 */
export interface UsbNodeFilter {
  /**
   * Four lowercase hex digits, e.g. `046d`.
   */
  readonly vendorId?: string;
  /**
   * Four lowercase hex digits, e.g. `c31c`.
   */
  readonly productId?: string;
  /**
   * Class of the device or of one of its interfaces, two lowercase hex digits, e.g. `03`.
   */
  readonly deviceClass?: string;
}

/**
 * What the agent reports. Written on change only.
 */
export interface UsbNodeStatus {
  /**
   * Version of the agent.
   */
  readonly agentVersion?: string;
  /**
   * Release of the kernel, as `uname -r` prints it.
   */
  readonly kernelVersion?: string;
  /**
   * What may notice devices, and how it goes.
   */
  readonly sources?: readonly UsbNodeSource[];
  /**
   * Number of devices plugged in now, without root hubs.
   */
  readonly devicesPresent?: number;
  /**
   * Id of the agent's journal; events of one epoch are numbered without gaps.
   */
  readonly epoch?: string;
  /**
   * The epoch, of a journal that began empty, in which every device at the node was stated. An entry of the node in a UsbDevice that is from another epoch and says present is of a journal that is lost, and wrong.
   */
  readonly statedEpoch?: string;
  /**
   * The spec.resyncToken that was carried out last.
   */
  readonly lastResyncToken?: string;
  /**
   * `Ready`: sees USB and tells what it sees. `UsbAvailable`: there is a USB tree. `RedisReachable`: events go out. `JournalWritable`: events survive a restart of the agent.
   */
  readonly conditions?: readonly Condition[];
}

export interface UsbNodeSource {
  /**
   * `netlink`: kernel uevents. `sysfs`: scans of /sys/bus/usb/devices. `node-usb`: npm usb. `simulated`: recorded devices.
   */
  readonly name: string;
  /**
   * `Unavailable`: this node lacks it. `Failed`: it broke; the agent tries again.
   */
  readonly state: 'Active' | 'Failed' | 'Unavailable';
  /**
   * Why it is not active.
   */
  readonly message?: string;
}
