import { joinKey } from '@autoweave/platform/kube';
import type { Clock } from '../ports.ts';
import { applyPlan } from './apply-plan.ts';
import type { LaneWindows } from './lane-windows.ts';
import { lostItsExecutor } from './plan-copy.ts';
import { planReleases } from './plan-releases.ts';
import type { RoomDepths } from './room-depths.ts';
import type { JobLanes, JobRecords, WaitingRooms } from './ports.ts';
import type { ExecutorState, PluginVerdict, RoomEntry, RoomJob, RoomPlan, RoomState } from './room-state.ts';

/** All that the router knows and can do. */
export interface RouterPorts {
  readonly rooms: WaitingRooms;
  readonly lanes: JobLanes;
  readonly records: JobRecords;
  readonly windows: LaneWindows;
  readonly depths: RoomDepths;
  readonly clock: Clock;
  readonly verdict: (entry: RoomEntry) => PluginVerdict;
  /** Nodes at which a UsbDevice is plugged in now. */
  readonly holders: (deviceName: string) => readonly string[];
  /** As they were last read. */
  readonly executors: () => ReadonlyMap<string, ExecutorState>;
  /** A reading that begins now. */
  readonly readExecutors: () => Promise<ReadonlyMap<string, ExecutorState>>;
}

export type RoomOutcome = RoomPlan & {
  readonly isEmpty: boolean;
  /** Nothing of what was looked at waits, and there is more. */
  readonly isHeadDone: boolean;
};

/**
 * Looks at one room and does what is due. Must not run twice at once for one room. An empty room stays listed.
 *
 * @param isThorough false when a look that is thorough follows sooner or later: then a room that waits for a place in a
 * full lane costs one command
 */
export async function reconcileRoom(room: string, isThorough: boolean, ports: RouterPorts): Promise<RoomOutcome> {
  const { depths } = ports;
  const limit = depths.limit(room);
  let { plan, jobs, size, isHeadDone } = await planRoom(room, { limit, isThorough }, ports);
  // A plan without actions has taken no places. What is behind the head most likely waits for the same full lane.
  const canNothingMove = plan.actions.length === 0 && (isThorough || plan.fullLanes.size === 0);
  if (canNothingMove && jobs.length < size && limit < depths.whole) {
    ({ plan, jobs, size, isHeadDone } = await planRoom(room, { limit: depths.whole, isThorough }, ports));
  }
  await applyPlan({ room, plan, jobs, ports });
  return { ...plan, isEmpty: size === 0, isHeadDone };
}

interface PlannedRoom {
  readonly plan: RoomPlan;
  readonly jobs: readonly RoomJob[];
  /** Jobs in the whole room, as it was read. */
  readonly size: number;
  readonly isHeadDone: boolean;
}

async function planRoom(
  room: string,
  { limit, isThorough }: { readonly limit: number; readonly isThorough: boolean },
  ports: RouterPorts,
): Promise<PlannedRoom> {
  const { windows, depths } = ports;
  const { entries, size } = await ports.rooms.read(room, limit);
  await knowLanes([...ports.executors().keys()], ports);
  const crowdedOut = isThorough ? undefined : planCrowdedOut(entries, ports);
  if (crowdedOut !== undefined) {
    windows.waitForPlace(crowdedOut.plan.fullLanes, room);
    return { ...crowdedOut, size, isHeadDone: false };
  }
  const jobs = await observeJobs(entries, ports);
  const executors = await executorsOf(jobs, ports);
  await knowLanes([...executors.keys()], ports);
  // From here on nothing waits: two rooms never count on the same place of a lane, and no place becomes free unheard.
  const plan = planReleases(roomState(jobs, executors, ports));
  for (const action of plan.actions) {
    if (action.type !== 'release') continue;
    const released = entries.find(({ id }) => id === action.id);
    if (released !== undefined) windows.take(action.node, action.id, joinKey(released.plugin));
  }
  windows.waitForPlace(plan.fullLanes, room);
  const isHeadDone = depths.planned(room, { jobs, actions: plan.actions, size });
  return { plan, jobs, size, isHeadDone };
}

/** A lane that was never read takes nothing. */
async function knowLanes(nodes: readonly string[], ports: RouterPorts): Promise<void> {
  const unknown = nodes.filter((node) => !ports.windows.knows(node));
  await Promise.all(unknown.map((node) => refreshLane(node, ports)));
}

function roomState(
  jobs: readonly RoomJob[],
  executors: ReadonlyMap<string, ExecutorState>,
  ports: RouterPorts,
): RoomState {
  const deviceName = jobs[0]?.entry.deviceName;
  return {
    now: ports.clock.now(),
    jobs,
    holders: deviceName === undefined ? [] : ports.holders(deviceName),
    executors,
    places: ports.windows.places(),
  };
}

/**
 * The plan when nothing could be released even if no job of the room had a copy, for lack of places; else undefined. It
 * leaves out what becomes of copies, which frees no place that the room does not hear of.
 */
function planCrowdedOut(
  entries: readonly RoomEntry[],
  ports: RouterPorts,
): { readonly plan: RoomPlan; readonly jobs: readonly RoomJob[] } | undefined {
  const jobs = entries.map((entry) => {
    return { entry, copy: undefined, recorded: false, plugin: ports.verdict(entry) };
  });
  const plan = planReleases(roomState(jobs, ports.executors(), ports));
  return plan.actions.length === 0 && plan.fullLanes.size > 0 ? { plan, jobs } : undefined;
}

/**
 * An executor tells its presence before it takes a job. So a reading that is older than the copy proves nothing against
 * whoever runs it, and a job must never be taken from a living executor.
 */
async function executorsOf(jobs: readonly RoomJob[], ports: RouterPorts): Promise<ReadonlyMap<string, ExecutorState>> {
  const known = ports.executors();
  const isInDoubt = jobs.some(({ copy }) => copy !== undefined && lostItsExecutor(copy, known));
  return isInDoubt ? ports.readExecutors() : known;
}

/**
 * Copies are asked for before records, on one connection: a copy that is gone because it has its result is never taken
 * for a lost one.
 */
async function observeJobs(entries: readonly RoomEntry[], ports: RouterPorts): Promise<readonly RoomJob[]> {
  if (entries.length === 0) return [];
  const finding = [...idsByLane(entries)].map(([node, ids]) => ports.lanes.find(node, ids));
  const knowing = ports.records.known(entries.map(({ id }) => id));
  const [lanes, recorded] = await Promise.all([Promise.all(finding), knowing]);
  const copies = new Map(lanes.flatMap((found) => [...found]));
  return entries.map((entry) => {
    const { id } = entry;
    return { entry, copy: copies.get(id), recorded: recorded.has(id), plugin: ports.verdict(entry) };
  });
}

/** Where jobs may have a copy. */
function idsByLane(entries: readonly RoomEntry[]): ReadonlyMap<string, readonly string[]> {
  const lanes = new Map<string, string[]>();
  for (const { id, node, routing } of entries) {
    const lane = routing?.node ?? node;
    if (lane === undefined) continue;
    const ids = lanes.get(lane) ?? [];
    lanes.set(lane, ids);
    ids.push(id);
  }
  return lanes;
}

export async function refreshLane(
  node: string,
  { windows, lanes }: Pick<RouterPorts, 'windows' | 'lanes'>,
): Promise<readonly string[]> {
  return windows.refresh(node, () => lanes.unfinished(node));
}
