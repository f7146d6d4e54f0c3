import type { HotplugEvent } from '@autoweave/crds';
import type { EventObject } from '@autoweave/platform/kube';

const reasons = { attach: 'UsbAttached', detach: 'UsbDetached' } as const;

export type DeviceEvent = Pick<EventObject, 'reason' | 'series'> & { readonly regarding: { readonly name: string } };
export type DeviceTransition = Pick<HotplugEvent, 'deviceName' | 'action'>;

export interface DeviceEventOptions<T extends DeviceTransition> {
  /** A device that comes and goes faster than its object may be written has fewer Events, but never more. */
  readonly mayMerge: (transition: T) => boolean;
}

/** What is wrong with the Kubernetes Events that tell of devices coming and going, in words. */
export function deviceEventProblems<T extends DeviceTransition>(
  transitions: readonly T[],
  clusterEvents: readonly DeviceEvent[],
  { mayMerge }: DeviceEventOptions<T>,
): string[] {
  const ofDevices = clusterEvents.filter(({ reason }) => Object.values<string>(reasons).includes(reason));
  const told = Map.groupBy(ofDevices, ({ regarding, reason }) => `${reason} of ${regarding.name}`);
  const happened = Map.groupBy(transitions, ({ deviceName, action }) => `${reasons[action]} of ${deviceName}`);
  return [...new Set([...told.keys(), ...happened.keys()])].flatMap((key) => {
    const count = (told.get(key) ?? []).reduce((sum, { series }) => sum + (series?.count ?? 1), 0);
    const due = happened.get(key) ?? [];
    const isRight = due.some(mayMerge) ? count <= due.length : count === due.length;
    return isRight ? [] : [`${count} Events ${key}, not ${due.length}`];
  });
}
