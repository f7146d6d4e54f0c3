import { conditionTypes, type AutoWeavePlugin, type AutoWeavePluginPhase, type Condition } from '@autoweave/crds';
import { isErrorCode } from '@autoweave/platform/errors';
import { findCondition, isConditionTrue, WaitError } from '@autoweave/platform/kube';
import { faultMessage, type PluginFault, reasonOf } from '../../plugin-fault.ts';
import { retryTime } from './plan-workers.ts';
import { type Placement, restingPlaces } from '../../workloads/plan-placement.ts';
import type { Sightings } from './sightings.ts';
import type { Worker } from './worker-job.ts';

/** Where a plugin is in its life, and why. */
export interface Standing {
  readonly phase: AutoWeavePluginPhase;
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** Goes on by itself; or waits for people to change something; or rests. */
  readonly outlook: 'Reconciling' | 'Stalled' | 'Resting';
}

export interface StandingWorld {
  readonly plugin: AutoWeavePlugin;
  /** Of source, manifest or permission. */
  readonly fault: PluginFault | undefined;
  /** How far its pods are; undefined where runners are no pods. */
  readonly placement: Placement | undefined;
  readonly seen: Sightings;
}

export function planStanding({ fault, placement, plugin, seen }: StandingWorld): Standing {
  if (plugin.spec.suspend === true) return suspended(seen.ok ? seen.workers : []);
  if (fault !== undefined) return faulted(fault);
  if (!seen.ok) return unseen(plugin, seen);
  return placement === undefined ? loading(seen.workers) : placed(placement, seen.workers);
}

/** It runs wherever it belongs: which may be nowhere now, or no more. */
export function isReady({ outlook, phase, reason }: Standing): boolean {
  return outlook === 'Resting' && (phase === 'Running' || reason === restingPlaces.completed);
}

function placed(placement: Placement, workers: readonly Worker[]): Standing {
  const { message, outlook, reason } = placement;
  if (reason === restingPlaces.completed) return { phase: 'Stopped', reason, message, outlook };
  const loaded = loading(workers);
  if (workers.length === 0) {
    if (placement.isPlaced) return loaded;
    return { phase: reason === restingPlaces.noDevice ? 'Running' : 'Loading', reason, message, outlook };
  }
  const isHeldUp = outlook !== 'Resting' && loaded.phase === 'Running' && loaded.outlook === 'Resting';
  return isHeldUp ? { phase: 'Running', reason, message, outlook } : loaded;
}

/** Nothing is known to have changed, except that a new generation is not loaded yet. */
function unseen({ metadata, status }: AutoWeavePlugin, { error, message: trouble }: Unseen): Standing {
  const conditions = status?.conditions ?? [];
  const ready = findCondition(conditions, conditionTypes.ready);
  if (status?.phase !== undefined && status.observedGeneration === metadata.generation && ready !== undefined) {
    const { message, reason } = ready;
    return { phase: status.phase, reason, message, outlook: outlookOf(conditions) };
  }
  if (error instanceof WaitError) {
    return { phase: 'Loading', reason: 'ExecutorsUnknown', message: trouble, outlook: 'Reconciling' };
  }
  const message = faultMessage({ code: 'AW_REDIS_UNREACHABLE', message: trouble });
  return { phase: 'Loading', reason: 'RedisUnreachable', message, outlook: 'Reconciling' };
}

type Unseen = Extract<Sightings, { ok: false }>;

function outlookOf(conditions: readonly Condition[]): Standing['outlook'] {
  if (isConditionTrue(conditions, conditionTypes.stalled)) return 'Stalled';
  return isConditionTrue(conditions, conditionTypes.reconciling) ? 'Reconciling' : 'Resting';
}

function suspended(workers: readonly Worker[]): Standing {
  const open = workers.filter(({ state }) => state === 'Unloading');
  if (open.length === 0) {
    return { phase: 'Stopped', reason: 'Suspended', message: 'spec.suspend is true', outlook: 'Resting' };
  }
  const message = `spec.suspend is true; unloading at ${places(open)}`;
  return { phase: 'Stopping', reason: 'Suspended', message, outlook: 'Reconciling' };
}

function faulted(fault: PluginFault): Standing {
  const reason = reasonOf(fault.code);
  const message = faultMessage(fault);
  if (fault.code === 'AW_SOURCE_NOT_FOUND') return { phase: 'Discovery', reason, message, outlook: 'Reconciling' };
  return { phase: 'Rejected', reason, message, outlook: 'Stalled' };
}

function loading(workers: readonly Worker[]): Standing {
  if (workers.length === 0) {
    return { phase: 'Loading', reason: 'NoExecutor', message: 'No node has an executor', outlook: 'Reconciling' };
  }
  const loaded = workers.filter(({ state }) => state === 'Loaded');
  const failed = workers.filter(({ state }) => state === 'Failed');
  const open = workers.length - loaded.length - failed.length;
  if (open > 0) {
    const phase = loaded.length > 0 ? 'Starting' : 'Loading';
    const message = `Loaded at ${loaded.length} of ${workers.length} nodes`;
    return { phase, reason: 'Loading', message, outlook: 'Reconciling' };
  }
  const [firstFailed] = failed;
  if (firstFailed === undefined) {
    return { phase: 'Running', reason: 'Running', message: `Loaded at ${places(loaded)}`, outlook: 'Resting' };
  }
  const retries = failed.some((worker) => retryTime(worker) !== undefined);
  return {
    phase: loadedPhase(loaded.length > 0, retries),
    reason: reasonOf(firstFailed.code ?? ''),
    message: failureMessage(firstFailed, `${failed.length} of ${workers.length} nodes`),
    outlook: retries ? 'Reconciling' : 'Stalled',
  };
}

function loadedPhase(runs: boolean, retries: boolean): AutoWeavePluginPhase {
  if (runs) return 'Running';
  return retries ? 'Loading' : 'Failed';
}

function failureMessage({ code = '', message = '', node }: Worker, share: string): string {
  const text = `Could not be loaded at ${share}; node ${node}: ${message}`;
  return isErrorCode(code) ? faultMessage({ code, message: text }) : `${code}: ${text}`;
}

function places(workers: readonly Worker[]): string {
  const names = workers.slice(0, 3).map(({ node }) => node);
  const more = workers.length - names.length;
  return `${workers.length === 1 ? 'node' : 'nodes'} ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
