import type { ExecutorState, LaneCopy, RoomAction, RoomJob, RoomState, Routing } from './room-state.ts';

/** What should happen to a job that has a copy in a lane and no result; undefined: let the executor do its work. */
export function planCopy(job: RoomJob, copy: LaneCopy, state: RoomState): RoomAction | undefined {
  const { id, routing = {} } = job.entry;
  if (copy.state === 'ended') {
    if (copy.failure !== undefined) return { type: 'fail', id, code: 'AW_JOB_STALLED', message: copy.failure };
    return { type: 'withdraw', id, copy, routing: { ...routing, handedBack: handBack(routing, copy, state.now) } };
  }
  if (lostItsExecutor(copy, state.executors)) {
    return { type: 'withdraw', id, copy, routing: { ...routing, endedExecutors: endedExecutors(routing, copy) } };
  }
  if (copy.state === 'running') return undefined;
  const unwanted = executorOf(copy, state.executors).state === 'absent' || job.plugin.state === 'refused';
  return unwanted ? { type: 'withdraw', id, copy } : undefined;
}

/** A copy that an unnamed instance took is left to BullMQ, whose lock ends by itself, as long as some executor is there. */
export function lostItsExecutor(copy: LaneCopy, executors: ReadonlyMap<string, ExecutorState>): boolean {
  if (copy.state !== 'running') return false;
  const executor = executorOf(copy, executors);
  if (executor.state === 'absent') return true;
  return executor.state === 'present' && copy.instance !== undefined && copy.instance !== executor.instance;
}

function executorOf({ node }: LaneCopy, executors: ReadonlyMap<string, ExecutorState>): ExecutorState {
  return executors.get(node) ?? { state: 'absent' };
}

/** By instance: what is noted again after a crash, or when the copy could not be withdrawn, counts once. */
function endedExecutors({ endedExecutors: before = [] }: Routing, { instance = '' }: LaneCopy): readonly string[] {
  return before.includes(instance) ? before : [...before, instance];
}

function handBack(routing: Routing, copy: LaneCopy, now: number): NonNullable<Routing['handedBack']> {
  const before = routing.handedBack;
  return { node: copy.node, times: before?.node === copy.node ? before.times + 1 : 1, at: now };
}
