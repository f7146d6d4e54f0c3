import type { UsbDeviceAttachment, UsbNode } from '@autoweave/crds';

/**
 * Whether the entry of a node is of a journal that is lost, as with a pod of the agent that was replaced: the present one
 * has stated every device that is there, and this one not. By epochs: clocks jump.
 */
export function isStaleEntry({ present, lastEventId = '' }: UsbDeviceAttachment, node: UsbNode | undefined): boolean {
  const { epoch, statedEpoch } = node?.status ?? {};
  // After a further epoch began, entries of both are right.
  if (!present || statedEpoch === undefined || statedEpoch !== epoch) return false;
  return lastEventId.split('/').at(-2) !== statedEpoch;
}
