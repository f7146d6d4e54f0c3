import type { UsbDeviceIdentity } from '@autoweave/crds';
import type { DeviceState } from '../cluster/device-text.ts';

/** What `why` found out, as -o json prints it. */
export interface Explanation {
  readonly device: ExplainedDevice;
  readonly attachments: readonly ExplainedAttachment[];
  /** About the device and its node. */
  readonly findings: readonly Finding[];
  readonly plugins: readonly ExplainedPlugin[];
}

export interface ExplainedDevice {
  readonly name: string;
  readonly state: DeviceState;
  readonly alias?: string;
  readonly product?: string;
  /** e.g. `046d:c31c` */
  readonly id?: string;
  readonly class?: string;
  readonly serialNumber?: string;
  readonly identityQuality?: UsbDeviceIdentity['quality'];
}

export interface ExplainedAttachment {
  readonly node: string;
  readonly present: boolean;
  readonly port?: string;
  /** RFC 3339 */
  readonly since?: string;
  readonly drivers: readonly string[];
}

export interface Finding {
  /** `Blocks`: no plugin gets the device because of it. */
  readonly severity: 'Info' | 'Warning' | 'Blocks';
  readonly message: string;
}

/**
 * `Runs`: it is told of the device. `Waits`: it will be when something that happens by itself has happened. `Blocked`: it
 * would be, but somebody must change something. `NoMatch`: it does not want the device.
 */
export type Verdict = 'Runs' | 'Waits' | 'Blocked' | 'NoMatch';

export interface ExplainedPlugin {
  /** `<namespace>/<name>` */
  readonly plugin: string;
  readonly verdict: Verdict;
  /** At least one sentence. */
  readonly reasons: readonly string[];
  /** The latest for this device. */
  readonly lastResult?: string;
}
