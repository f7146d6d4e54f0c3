import type { JobResult, LaneJob, WaitingJob } from '@autoweave/crds';
import type { RouterPorts } from './reconcile-room.ts';
import type { RoomAction, RoomEntry, RoomJob, RoomPlan } from './room-state.ts';

interface Application {
  readonly room: string;
  readonly plan: RoomPlan;
  readonly jobs: readonly RoomJob[];
  readonly ports: RouterPorts;
}

/** The jobs of one plan do not depend on each other. All of it has ended, well or not, when this returns or throws. */
export async function applyPlan({ room, plan, jobs, ports }: Application): Promise<void> {
  const entries = new Map(jobs.map(({ entry }) => [entry.id, entry]));
  const ended = plan.actions.filter(({ type }) => type === 'remove').map(({ id }) => id);
  const outcomes = await Promise.allSettled([
    ended.length === 0 ? undefined : ports.rooms.remove(room, ended),
    ...plan.actions.map(async (action) => {
      const entry = entries.get(action.id);
      if (entry !== undefined) await applyAction({ room, entry, action, ports });
    }),
  ]);
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }): unknown => reason);
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, `room ${room}`);
}

interface ActionApplication {
  readonly room: string;
  readonly entry: RoomEntry;
  readonly action: RoomAction;
  readonly ports: RouterPorts;
}

/** The order of effects is what a crash between any two of them relies on: docs/adr/0003. */
async function applyAction({ room, entry, action, ports }: ActionApplication): Promise<void> {
  const { rooms, lanes, records, windows, clock } = ports;
  switch (action.type) {
    case 'remove':
      // All at once, above.
      return;
    case 'withdraw':
      if (action.routing !== undefined) await rooms.note(room, entry.id, action.routing);
      if (await lanes.withdraw(action.copy, entry.id)) windows.give(action.copy.node, entry.id);
      return;
    case 'fail':
      await records.record(failedResult(entry, action, clock.now()));
      await rooms.remove(room, [entry.id]);
      return;
    case 'release':
      // The lane must be known before the copy can be there, or a restarted router could make a second one elsewhere.
      if ((entry.routing?.node ?? entry.node) !== action.node) {
        await rooms.note(room, entry.id, { ...entry.routing, node: action.node });
      }
      await lanes.add(action.node, laneJob(entry, action));
  }
}

function laneJob(entry: RoomEntry, { revision }: Extract<RoomAction, { type: 'release' }>): LaneJob {
  const { routing: _routing, ...job } = entry;
  return { ...job, revision };
}

function failedResult(job: WaitingJob, failure: Extract<RoomAction, { type: 'fail' }>, now: number): JobResult {
  return {
    jobId: job.id,
    type: job.type,
    plugin: job.plugin,
    node: job.node ?? '',
    state: 'Failed',
    code: failure.code,
    message: failure.message,
    startedAt: now,
    finishedAt: now,
    traceparent: job.traceparent,
    ...(job.deviceName === undefined ? {} : { deviceName: job.deviceName }),
    ...(job.event === undefined ? {} : { eventId: job.event.eventId }),
  };
}
