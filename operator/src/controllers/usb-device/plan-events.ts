import { createHash } from 'node:crypto';
import { conditionTypes, eventAnnotations, type UsbDevice, type UsbDeviceAttachment } from '@autoweave/crds';
import type { RecordedEvent } from '@autoweave/platform/kube';
import { deviceReasons, place } from './plan-conditions.ts';

export type PlannedEvent = Omit<RecordedEvent, 'object'> & {
  readonly name: string;
  /** May be left out when there are more Events than the cluster should bear. */
  readonly isMinor: boolean;
};

/** Entries that go. */
export interface LostEntries {
  /** With their node. */
  readonly gone: readonly UsbDeviceAttachment[];
  /** Of devices that left while nobody looked. */
  readonly stale: readonly UsbDeviceAttachment[];
}

/**
 * The Kubernetes Events that tell what is new about a device. Their names come from the event in the stream: however
 * often they are written, they exist once.
 */
export function planEvents(device: UsbDevice, { gone, stale }: LostEntries): readonly PlannedEvent[] {
  const { attachments = [], reportedEventIds = [] } = device.status ?? {};
  const reported = new Set(reportedEventIds);
  const flips = attachments.flatMap((attachment) => {
    const { lastEventId } = attachment;
    return lastEventId === undefined || reported.has(lastEventId) ? [] : flipEvent(device, attachment, lastEventId);
  });
  const losses = gone.filter(({ present }) => present).map((entry) => lossEvent(device, entry, 'is no more'));
  const departures = stale.map((entry) => lossEvent(device, entry, 'has it no more'));
  return [...flips, ...losses, ...departures, ...conflictEvents(device, attachments)];
}

function flipEvent(device: UsbDevice, attachment: UsbDeviceAttachment, eventId: string): PlannedEvent {
  const { present } = attachment;
  const isExpected = device.spec?.expected === true;
  return {
    type: !present && isExpected ? 'Warning' : 'Normal',
    reason: present ? 'UsbAttached' : 'UsbDetached',
    message: `${title(device)} was plugged ${present ? 'in at' : 'out of'} ${place(attachment)}`,
    name: eventName(device, eventId),
    annotations: { ...annotations(device, attachment), [eventAnnotations.hotplugEvent]: eventId },
    isMinor: !isExpected,
  };
}

function lossEvent(device: UsbDevice, attachment: UsbDeviceAttachment, why: string): PlannedEvent {
  const { lastEventId = '', nodeName } = attachment;
  return {
    type: 'Warning',
    reason: 'UsbDetached',
    message: `${title(device)} was lost: node ${nodeName} ${why}`,
    name: eventName(device, `gone/${nodeName}/${lastEventId}`),
    annotations: annotations(device, attachment),
    isMinor: device.spec?.expected !== true,
  };
}

/** When the device has just been seen at a second node. */
function conflictEvents(device: UsbDevice, attachments: readonly UsbDeviceAttachment[]): readonly PlannedEvent[] {
  const holders = attachments.filter(({ present }) => present);
  const isKnown = device.status?.conditions?.some(({ type }) => type === conditionTypes.conflicted) ?? false;
  if (holders.length < 2 || isKnown) return [];
  const nodes = holders
    .map(({ nodeName }) => nodeName)
    .toSorted()
    .join(', ');
  const eventIds = holders
    .map(({ lastEventId = '' }) => lastEventId)
    .toSorted()
    .join(' ');
  return [
    {
      type: 'Warning',
      reason: deviceReasons.onSeveralNodes,
      message: `${title(device)} is plugged in at several nodes at once: ${nodes}`,
      name: eventName(device, `conflict/${eventIds}`),
      annotations: { [eventAnnotations.device]: device.metadata.name },
      isMinor: false,
    },
  ];
}

function annotations({ metadata }: UsbDevice, { nodeName }: UsbDeviceAttachment): Readonly<Record<string, string>> {
  return { [eventAnnotations.device]: metadata.name, [eventAnnotations.node]: nodeName };
}

function title({ metadata, status }: UsbDevice): string {
  const { vendorName = '', productName = '' } = status?.descriptor ?? {};
  return [vendorName, productName].filter((name) => name !== '').join(' ') || metadata.name;
}

function eventName({ metadata }: UsbDevice, what: string): string {
  const hash = createHash('sha256')
    .update(`${metadata.uid ?? ''}\n${what}`)
    .digest('hex');
  return `${metadata.name}.${hash.slice(0, 16)}`;
}
