import type { UsbDevice, UsbNode } from '@autoweave/crds';
import { isConflict, type ReconcileResult } from '@autoweave/platform/kube';
import type { Clock } from '../../ports.ts';
import type { AbsentDevices } from './absent-devices.ts';
import type { DeviceEffects } from './apply.ts';
import type { MissingNodes } from './missing-nodes.ts';
import { planDevice } from './plan.ts';
import { isStaleEntry } from './stale-entry.ts';

export interface DeviceReconcilerOptions {
  readonly effects: Pick<DeviceEffects, 'delete' | 'update'>;
  readonly device: (name: string) => UsbDevice | undefined;
  readonly limits: () => DeviceLimits;
  readonly absentDevices: AbsentDevices;
  readonly missingNodes: MissingNodes;
  readonly node: (name: string) => UsbNode | undefined;
  readonly enqueue: (name: string) => void;
  readonly clock: Clock;
}

/** From AutoWeavePolicy `default`. */
export interface DeviceLimits {
  readonly retentionHours: number;
  readonly maxUnexpectedPerNode: number;
}

/** One pass over one UsbDevice: plan, apply. */
export async function reconcileDevice(
  options: DeviceReconcilerOptions,
  name: string,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const device = options.device(name);
  if (device === undefined || device.metadata.deletionTimestamp !== undefined) return {};
  const { absentDevices, effects, missingNodes } = options;
  const { maxUnexpectedPerNode, retentionHours } = options.limits();
  const now = options.clock.now();
  const excess = absentDevices.excessBeside(name, maxUnexpectedPerNode);
  // Those that go wake nobody, or they would wake one another for as long as a deletion is not seen here.
  if (!excess.includes(name)) for (const other of excess) options.enqueue(other);
  const plan = planDevice({
    device,
    retentionHours,
    isExcess: excess.includes(name),
    nodeMissingSince: (nodeName) => missingNodes.since(nodeName, now),
    isStale: (entry) => isStaleEntry(entry, options.node(entry.nodeName)),
    now,
  });
  try {
    if (plan.type === 'delete') await effects.delete(device, plan.reason, signal);
    else await effects.update(device, plan, signal);
  } catch (error) {
    // Hearing of the change will bring another pass.
    if (!isConflict(error)) throw error;
  }
  return plan.type === 'delete' || plan.requeueAt === undefined
    ? {}
    : { requeueAfterMilliseconds: Math.min(plan.requeueAt - now, longestWaitMilliseconds) };
}

/** Clocks change; and a timer of Node cannot wait for a month. */
const longestWaitMilliseconds = 3_600_000;
