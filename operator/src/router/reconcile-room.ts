import { joinKey } from '@autoweave/platform/kube';
import type { Clock } from '../ports.ts';
import { applyPlan } from './apply-plan.ts';
import type { LaneWindows } from './lane-windows.ts';
import { lostItsExecutor } from './plan-copy.ts';
import { planReleases } from './plan-releases.ts';
import type { JobLanes, JobRecords, WaitingRooms } from './ports.ts';
import type { ExecutorState, PluginVerdict, RoomEntry, RoomJob, RoomPlan } from './room-state.ts';

/** All that the router knows and can do. */
export interface RouterPorts {
  readonly rooms: WaitingRooms;
  readonly lanes: JobLanes;
  readonly records: JobRecords;
  readonly windows: LaneWindows;
  readonly clock: Clock;
  readonly verdict: (entry: RoomEntry) => PluginVerdict;
  /** Nodes at which a UsbDevice is plugged in now. */
  readonly holders: (deviceName: string) => readonly string[];
  /** As they were last read. */
  readonly executors: () => ReadonlyMap<string, ExecutorState>;
  /** A reading that begins now. */
  readonly readExecutors: () => Promise<ReadonlyMap<string, ExecutorState>>;
}

/** A room is read so far; all of it only when nothing in the head can move, so that a flood does not cost its square. */
const headLength = 64;
const wholeLength = 2_000;

export type RoomOutcome = RoomPlan & { readonly isEmpty: boolean };

/** Looks at one room and does what is due. Must not run twice at once for one room. */
export async function reconcileRoom(room: string, ports: RouterPorts): Promise<RoomOutcome> {
  let { plan, jobs } = await planRoom(room, headLength, ports);
  if (plan.actions.length === 0 && jobs.length === headLength) {
    ({ plan, jobs } = await planRoom(room, wholeLength, ports));
  }
  await applyPlan({ room, plan, jobs, ports });
  if (jobs.length === 0) await ports.rooms.forget(room);
  return { ...plan, isEmpty: jobs.length === 0 };
}

async function planRoom(
  room: string,
  limit: number,
  ports: RouterPorts,
): Promise<{ readonly plan: RoomPlan; readonly jobs: readonly RoomJob[] }> {
  const entries = await ports.rooms.read(room, limit);
  const jobs = await Promise.all(entries.map((entry) => observeJob(entry, ports)));
  const executors = await executorsOf(jobs, ports);
  await Promise.all(
    [...executors.keys()].filter((node) => !ports.windows.knows(node)).map((node) => refreshLane(node, ports)),
  );
  const [first] = entries;
  // From here on nothing waits: two rooms never count on the same place of a lane, and no place becomes free unheard.
  const plan = planReleases({
    now: ports.clock.now(),
    jobs,
    holders: first?.deviceName === undefined ? [] : ports.holders(first.deviceName),
    executors,
    places: ports.windows.places(),
  });
  for (const action of plan.actions) {
    if (action.type !== 'release') continue;
    const released = entries.find(({ id }) => id === action.id);
    if (released !== undefined) ports.windows.take(action.node, action.id, joinKey(released.plugin));
  }
  ports.windows.waitForPlace(plan.fullLanes, room);
  return { plan, jobs };
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

/** The copy is asked for before the record: a copy that is gone because it has its result is never taken for a lost one. */
async function observeJob(entry: RoomEntry, ports: RouterPorts): Promise<RoomJob> {
  const node = entry.routing?.node ?? entry.node;
  const copy = node === undefined ? undefined : await ports.lanes.find(node, entry.id);
  const recorded = await ports.records.has(entry.id);
  return { entry, copy, recorded, plugin: ports.verdict(entry) };
}

export async function refreshLane(
  node: string,
  { windows, lanes }: Pick<RouterPorts, 'windows' | 'lanes'>,
): Promise<readonly string[]> {
  return windows.refresh(node, () => lanes.unfinished(node));
}
