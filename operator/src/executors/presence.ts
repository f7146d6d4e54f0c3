import { z } from 'zod';
import type { Executor } from '../ports.ts';
import type { ExecutorState } from '../router/room-state.ts';

const schema = z.object({
  node: z.string().min(1),
  instance: z.string().min(1),
  version: z.string(),
  startedAt: z.number(),
});

/** From the text of a presence key; undefined when it is not what an executor writes. */
export function parseExecutor(text: string): Executor | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** One reading of all presence keys: nodes that ever had an executor, and what their keys hold now. */
export type PresenceReading = ReadonlyMap<string, Executor | undefined>;

/**
 * What a reading says. A missing key means a dead executor only when executors had `graceMilliseconds` to write theirs:
 * a Redis that was away, and an operator that has just started, find all keys expired.
 */
export function executorStates(reading: PresenceReading, isGraceOver: boolean): ReadonlyMap<string, ExecutorState> {
  const missing: ExecutorState = { state: isGraceOver ? 'absent' : 'unknown' };
  return new Map(
    [...reading].map(([node, executor]) => [
      node,
      executor === undefined ? missing : { state: 'present', instance: executor.instance },
    ]),
  );
}

/** Those that are present, and those of before of which nothing is known. By node. */
export function listedExecutors(
  reading: PresenceReading,
  states: ReadonlyMap<string, ExecutorState>,
  before: ReadonlyMap<string, Executor>,
): ReadonlyMap<string, Executor> {
  const listed = new Map<string, Executor>();
  for (const [node, executor] of reading) {
    const known = executor ?? (states.get(node)?.state === 'unknown' ? before.get(node) : undefined);
    if (known !== undefined) listed.set(node, known);
  }
  return listed;
}

export function sameStates(
  left: ReadonlyMap<string, ExecutorState>,
  right: ReadonlyMap<string, ExecutorState>,
): boolean {
  if (left.size !== right.size) return false;
  return [...left].every(([node, state]) => JSON.stringify(state) === JSON.stringify(right.get(node)));
}
