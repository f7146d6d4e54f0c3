import type { WaitingJob } from '@autoweave/crds';
import { joinKey } from '@autoweave/platform/kube';
import { shareKey } from './lane-windows.ts';
import { planCopy } from './plan-copy.ts';
import { Order } from './order.ts';
import { PlacesLeft } from './places-left.ts';
import {
  handBackPause,
  maxEndedExecutors,
  type PluginVerdict,
  type RoomAction,
  type RoomJob,
  type RoomPlan,
  type RoomState,
} from './room-state.ts';

/**
 * What should happen in one room now. A job stays where it is until its result is recorded, so every decision starts
 * from the order of arrival:
 * - one plugin has one job of a device in a lane at a time;
 * - an event never overtakes an event, a job never overtakes anything of its plugin, and an event passes only jobs
 *   that cannot run now: a job that waits for its device must not keep its plugin from hearing that the device came;
 * - exclusive jobs of a device exclude one another;
 * - jobs without a device have no order among themselves.
 */
export function planReleases(state: RoomState): RoomPlan {
  const actions: RoomAction[] = [];
  const fullLanes = new Set<string>();
  const places = new PlacesLeft(state.places);
  const order = new Order(state.jobs);
  let again: number | undefined;

  for (const job of state.jobs) {
    const decided = decideWithoutLane(job, state);
    if (decided !== undefined) {
      actions.push(...decided);
      continue;
    }
    const { entry, plugin } = job;
    const target = order.allows(entry) ? chooseTarget(job, state, places) : nowhere;
    if (plugin.state === 'ready' && target.node !== undefined) {
      actions.push({ type: 'release', id: entry.id, node: target.node, revision: plugin.revision });
      places.take(target.node, joinKey(entry.plugin));
      order.runs(entry);
      continue;
    }
    for (const key of target.full) fullLanes.add(key);
    again = Math.min(again ?? Infinity, entry.expiresAt - state.now, target.again ?? Infinity);
    order.waits(entry);
  }
  return { actions, fullLanes, heldPlugins: order.heldPlugins(), ...(again === undefined ? {} : { again }) };
}

/** Undefined: it waits for a place in a lane. */
function decideWithoutLane(job: RoomJob, state: RoomState): readonly RoomAction[] | undefined {
  if (job.recorded) return [{ type: 'remove', id: job.entry.id }];
  const action = job.copy === undefined ? reasonToFail(job, state.now) : planCopy(job, job.copy, state);
  if (action !== undefined) return [action];
  return job.copy === undefined ? undefined : [];
}

function reasonToFail(job: RoomJob, now: number): RoomAction | undefined {
  const { entry, plugin } = job;
  if (plugin.state === 'refused') return { type: 'fail', id: entry.id, code: plugin.code, message: plugin.message };
  if (now >= entry.expiresAt) {
    return { type: 'fail', id: entry.id, code: 'AW_JOB_EXPIRED', message: expiredMessage(entry) };
  }
  if ((entry.routing?.endedExecutors?.length ?? 0) >= maxEndedExecutors) {
    const message = `${maxEndedExecutors} executors ended while they ran the job`;
    return { type: 'fail', id: entry.id, code: 'AW_JOB_STALLED', message };
  }
  return undefined;
}

function expiredMessage(entry: WaitingJob): string {
  const seconds = Math.round((entry.expiresAt - entry.createdAt) / 1000);
  const awaited = entry.node !== undefined ? `node ${entry.node}` : (entry.deviceName ?? 'a node');
  return `the job waited ${seconds} s for ${awaited}`;
}

interface Target {
  /** Undefined: it cannot be released now. */
  readonly node?: string;
  /** Lanes, or shares of them, that would do, were they not full. */
  readonly full: readonly string[];
  readonly again?: number;
}

const nowhere: Target = { full: [] };

function chooseTarget({ entry, plugin }: RoomJob, state: RoomState, places: PlacesLeft): Target {
  // Without its plugin it waits for no place: it would only take the wake-up from one that does.
  if (plugin.state !== 'ready') return nowhere;
  const nodes = possibleNodes(entry, plugin, state).filter((node) => state.executors.get(node)?.state === 'present');
  const { handedBack } = entry.routing ?? {};
  const pausedFor = handedBack === undefined ? 0 : handedBack.at + handBackPause(handedBack.times) - state.now;
  const open = pausedFor > 0 ? nodes.filter((node) => node !== handedBack?.node) : nodes;
  const key = joinKey(entry.plugin);
  const roomy = open.filter((node) => places.of(node, key) > 0);
  const node = roomy.toSorted((left, right) => places.of(right, key) - places.of(left, key) || compare(left, right))[0];
  return {
    full: open.map((other) => (places.of(other) > 0 ? shareKey(other, key) : other)),
    ...(node === undefined ? {} : { node }),
    ...(pausedFor > 0 ? { again: pausedFor } : {}),
  };
}

function possibleNodes(
  entry: WaitingJob,
  { nodes: withRunner, isAnywhere }: Extract<PluginVerdict, { state: 'ready' }>,
  state: RoomState,
): readonly string[] {
  if (entry.event !== undefined && isAnywhere === true && withRunner !== undefined) return withRunner;
  if (entry.node !== undefined) return [entry.node];
  if (entry.deviceName === undefined) return withRunner ?? [...state.executors.keys()];
  // On two nodes at once it is two devices that tell the same serial number: neither is safe to use.
  return state.holders.length === 1 ? state.holders : [];
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
