import { conditionTypes, type UsbDevice, type UsbDeviceAttachment } from '@autoweave/crds';
import { isConditionTrue } from '@autoweave/platform/kube';
import type { Colour } from '../terminal/colour.ts';

export type DeviceState = 'Attached' | 'Conflicted' | 'Detached' | 'Missing' | 'NeverSeen';

export const stateColours = {
  Attached: 'green',
  Conflicted: 'red',
  Detached: 'dim',
  Missing: 'yellow',
  NeverSeen: 'dim',
} as const satisfies Record<DeviceState, Colour>;

/** e.g. `Logitech USB Keyboard`; empty when the device tells no name. */
export function productText({ status }: UsbDevice): string {
  const { vendorName = '', productName = '' } = status?.descriptor ?? {};
  return [vendorName, productName].filter((name) => name !== '').join(' ');
}

export function holdersOf({ status }: UsbDevice): readonly UsbDeviceAttachment[] {
  return (status?.attachments ?? []).filter(({ present }) => present);
}

export function deviceState(device: UsbDevice): DeviceState {
  const { attachments = [], conditions = [] } = device.status ?? {};
  const holders = holdersOf(device);
  if (holders.length > 1 || isConditionTrue(conditions, conditionTypes.conflicted)) return 'Conflicted';
  if (holders.length === 1) return 'Attached';
  if (device.spec?.expected === true) return 'Missing';
  return attachments.length === 0 ? 'NeverSeen' : 'Detached';
}
