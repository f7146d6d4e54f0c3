import type { ExecutorState, LaneCopy, RoomAction, RoomJob, RoomState, Routing } from './room-state.ts';

/** What should happen to a job that has a copy in a lane and no result; undefined: let the executor do its work. */
export function planCopy(job: RoomJob, copy: LaneCopy, state: RoomState): RoomAction | undefined {
  const { id, routing = {} } = job.entry;
  if (copy.state === 'ended') {
    if (copy.failure !== undefined) return { type: 'fail', id, code: 'AW_JOB_STALLED', message: copy.failure };
    return { type: 'withdraw', id, copy, routing: { ...routing, handedBack: handBack(routing, copy, state.now) } };
  }
  const executor = state.executors.get(copy.node) ?? { state: 'absent' };
  if (copy.state === 'running') {
    if (!lostItsExecutor(copy, executor)) return undefined;
    return { type: 'withdraw', id, copy, routing: { ...routing, interruptions: (routing.interruptions ?? 0) + 1 } };
  }
  const unwanted = executor.state === 'absent' || job.plugin.state === 'refused';
  return unwanted ? { type: 'withdraw', id, copy } : undefined;
}

/** A copy that an unnamed instance took is left to BullMQ, whose lock ends by itself, as long as some executor is there. */
function lostItsExecutor(copy: LaneCopy, executor: ExecutorState): boolean {
  if (executor.state === 'absent') return true;
  return executor.state === 'present' && copy.instance !== undefined && copy.instance !== executor.instance;
}

function handBack(routing: Routing, copy: LaneCopy, now: number): NonNullable<Routing['handedBack']> {
  const before = routing.handedBack;
  return { node: copy.node, times: before?.node === copy.node ? before.times + 1 : 1, at: now };
}
