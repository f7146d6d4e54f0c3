import { identifyDevice, serialKey } from '../identity/identify-device.ts';
import type { DistrustedSerials, KnownDevice, UsbSource } from '../ports.ts';

export interface ScanDevicesOptions {
  readonly source: UsbSource;
  readonly nodeName: string;
  /** What the journal of an agent on this machine knows; empty without one. */
  readonly distrusted: Pick<DistrustedSerials, 'has'>;
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * The devices of this machine with the names that an agent which starts now gives them; one that runs already may know
 * a twin by the name that it got when it came.
 * @throws AutoWeaveError AW_USB_UNAVAILABLE without a USB tree.
 */
export async function scanDevices({
  source,
  nodeName,
  distrusted,
  now,
  signal,
}: ScanDevicesOptions): Promise<KnownDevice[]> {
  const { devices } = await source.scan(signal);
  const carriers = Map.groupBy(devices, serialKey);
  const has = (key: string) => distrusted.has(key) || (carriers.get(key)?.length ?? 0) > 1;
  return devices.map((device) => ({
    ...device,
    ...identifyDevice(device, { nodeName, distrusted: { has } }),
    attachedAt: now,
  }));
}
