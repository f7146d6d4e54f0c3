import type { AutoWeavePlugin, AutoWeavePluginLimits, AutoWeavePluginStatus } from '@autoweave/crds';
import type { CheckedBundle } from './check-source.ts';
import { planConditions } from './plan-conditions.ts';
import { retryTime } from './plan-workers.ts';
import type { Outcome, PluginFault } from '../../plugin-fault.ts';
import { resultsStatus } from './results-status.ts';
import type { Sightings } from './sightings.ts';
import { planStanding } from './standing.ts';
import type { Placement } from '../../workloads/plan-placement.ts';

export interface PluginWorld {
  readonly plugin: AutoWeavePlugin;
  readonly checked: Outcome<CheckedBundle>;
  /** Why the policy does not let it run; undefined when it does. */
  readonly denial: PluginFault | undefined;
  readonly limits: AutoWeavePluginLimits;
  readonly seen: Sightings;
  /** How far its pods are; undefined where runners are no pods. */
  readonly placement: Placement | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface PluginPlan {
  readonly status: AutoWeavePluginStatus;
  readonly requeueAfterMilliseconds: number;
}

/** Bundles are to be renewed, and nobody tells of a changed ConfigMap. */
const restMilliseconds = 60_000;
/** While something is under way. */
const shortRestMilliseconds = 15_000;

/** What the status of a plugin should say, and when to look again. */
export function planPlugin(world: PluginWorld): PluginPlan {
  const { checked, denial, now, placement, plugin, seen } = world;
  const { generation } = plugin.metadata;
  const sourceFault = checked.ok ? undefined : checked.fault;
  const fault = sourceFault ?? denial;
  const standing = planStanding({ plugin, fault, placement, seen });
  const known = plugin.status?.conditions ?? [];
  const isStopped = fault !== undefined || plugin.spec.suspend === true;
  const conditions = planConditions({
    known,
    generation,
    standing,
    sourceFault,
    denial,
    placement: isStopped ? undefined : placement,
    now: new Date(now),
  });
  return {
    status: {
      phase: standing.phase,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      ...sourceStatus(world),
      ...workStatus(world),
      conditions,
    },
    requeueAfterMilliseconds: restTime(world, standing.outlook === 'Reconciling'),
  };
}

/** Bundle and permissions together make the bridge listen for the plugin. */
function sourceStatus({ checked, denial, limits }: PluginWorld): Partial<AutoWeavePluginStatus> {
  if (!checked.ok) return {};
  const { bundle, digest } = checked.value;
  const { name, permissions = {}, version } = bundle.manifest;
  return { bundle: { name, version, digest }, limits, ...(denial === undefined ? { permissions } : {}) };
}

function workStatus({ plugin, seen }: PluginWorld): Partial<AutoWeavePluginStatus> {
  const { results, workers = [] } = plugin.status ?? {};
  if (!seen.ok) return { workers, ...(results === undefined ? {} : { results }) };
  return { workers: seen.workers, results: resultsStatus(results, seen.results) };
}

function restTime({ now, seen }: PluginWorld, isReconciling: boolean): number {
  const retries = (seen.ok ? seen.workers : []).flatMap((worker) => retryTime(worker) ?? []);
  const rest = isReconciling ? shortRestMilliseconds : restMilliseconds;
  return Math.max(0, Math.min(rest, ...retries.map((at) => at - now)));
}
