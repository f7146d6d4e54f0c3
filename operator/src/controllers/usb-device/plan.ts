import type { Condition, UsbDevice, UsbDeviceAttachment } from '@autoweave/crds';
import { flipTime, unexpectedAbsence } from './absence.ts';
import { planConditions } from './plan-conditions.ts';
import { planEvents, type PlannedEvent } from './plan-events.ts';

export interface DeviceWorld {
  readonly device: UsbDevice;
  readonly retentionHours: number;
  /** More unexpected devices are absent than the policy allows, and this is one of those to go. */
  readonly isExcess: boolean;
  /** Since when the node has no UsbNode; undefined when it has one. */
  readonly nodeMissingSince: (nodeName: string) => number | undefined;
  /** Whether the agent of the node no longer stands by its entry. */
  readonly isStale: (attachment: UsbDeviceAttachment) => boolean;
  /** All times: milliseconds since 1970. */
  readonly now: number;
}

export type DevicePlan = { readonly type: 'delete'; readonly reason: string } | DeviceUpdate;

export interface DeviceUpdate {
  readonly type: 'update';
  readonly conditions: readonly Condition[];
  readonly reportedEventIds: readonly string[];
  readonly events: readonly PlannedEvent[];
  /** Nodes whose entry goes: they are no more, their agent does not know it, or the device is elsewhere since long. */
  readonly forgottenNodes: readonly string[];
  /** When something is due without a change of any object. */
  readonly requeueAt?: number;
}

/** An agent that starts writes its devices and its UsbNode in no certain order. */
const missingNodeGraceMilliseconds = 60_000;
/** Absent entries that stay; the list holds 64, and an agent that cannot add its own tells nobody of the device. */
const rememberedPlaces = 32;

/** What should be done about a device. */
export function planDevice(world: DeviceWorld): DevicePlan {
  const { device, now } = world;
  const expiresAt = deletionTime(world);
  if (world.isExcess) return { type: 'delete', reason: 'TooManyAbsentDevices' };
  if (expiresAt !== undefined && expiresAt <= now) return { type: 'delete', reason: 'RetentionEnded' };

  const attachments = device.status?.attachments ?? [];
  const gone = goneNodes(world, attachments);
  const dueTimes = [expiresAt ?? 0, ...gone.values()].filter((at) => at > now);
  const forgotten = attachments.filter(({ nodeName }) => (gone.get(nodeName) ?? Infinity) <= now);
  const stale = attachments.filter((attachment) => !forgotten.includes(attachment) && world.isStale(attachment));
  return {
    type: 'update',
    conditions: planConditions(device, new Date(now)),
    reportedEventIds: attachments.flatMap(({ lastEventId }) => lastEventId ?? []),
    events: planEvents(device, { gone: forgotten, stale }),
    forgottenNodes: [...new Set([...forgotten, ...stale, ...longLeft(attachments)].map(({ nodeName }) => nodeName))],
    ...(dueTimes.length === 0 ? {} : { requeueAt: Math.min(...dueTimes) }),
  };
}

function deletionTime({ device, retentionHours }: DeviceWorld): number | undefined {
  const absence = unexpectedAbsence(device);
  return absence === undefined ? undefined : absence.since + retentionHours * 3_600_000;
}

/** By name of a node that is no more: when its entry goes. */
function goneNodes(
  { nodeMissingSince }: DeviceWorld,
  attachments: readonly UsbDeviceAttachment[],
): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { nodeName } of attachments) {
    const since = nodeMissingSince(nodeName);
    if (since !== undefined) times.set(nodeName, since + missingNodeGraceMilliseconds);
  }
  return times;
}

function longLeft(attachments: readonly UsbDeviceAttachment[]): readonly UsbDeviceAttachment[] {
  const absent = attachments.filter(({ present }) => !present);
  return absent.toSorted((left, right) => flipTime(right) - flipTime(left)).slice(rememberedPlaces);
}
