import { conditionTypes, type UsbDevice, type UsbDeviceAttachment } from '@autoweave/crds';

/** Where a device that nobody expects was last, and since when it is away. */
export interface Absence {
  /** Empty when no node remembers it. */
  readonly nodeName: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Undefined while some node holds the device, or when it belongs here anyway. */
export function unexpectedAbsence(device: UsbDevice): Absence | undefined {
  const attachments = device.status?.attachments ?? [];
  if (device.spec?.expected === true || attachments.some(({ present }) => present)) return undefined;
  const last = attachments.toSorted((left, right) => flipTime(right) - flipTime(left))[0];
  const since = last === undefined ? 0 : flipTime(last);
  return { nodeName: last?.nodeName ?? '', since: since === 0 ? unseenSince(device) : since };
}

/** When the device came to, or went from, that node; 0 when the agent did not say. */
export function flipTime({ since }: UsbDeviceAttachment): number {
  return since === undefined ? 0 : Date.parse(since) || 0;
}

/** For a device without a usable entry: since its condition says so, or since it was made. */
function unseenSince({ metadata, status }: UsbDevice): number {
  const attached = status?.conditions?.find(({ type }) => type === conditionTypes.attached);
  const time = attached?.status === 'False' ? attached.lastTransitionTime : metadata.creationTimestamp;
  return time === undefined ? 0 : Date.parse(time) || 0;
}
