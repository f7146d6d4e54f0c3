export interface ReplicasWorld {
  readonly minimum: number;
  readonly maximum: number;
  /** As the Deployment has them; undefined: there is none yet. */
  readonly current: number | undefined;
  /** Jobs that wait or run. */
  readonly backlog: number;
  readonly memory: ReplicasMemory;
  /** Milliseconds since 1970, by one clock. */
  readonly now: number;
}

/** What was needed lately, oldest first. A new process knows nothing, and takes what there is for needed. */
export type ReplicasMemory = readonly { readonly at: number; readonly needed: number }[];

export interface ReplicasPlan {
  readonly replicas: number;
  readonly memory: ReplicasMemory;
}

/** A pod starts in seconds, a job may end in milliseconds: fewer than this are not worth another pod. */
const jobsPerReplica = 10;
const settleMilliseconds = 300_000;

/** How many pods: more at once, fewer only when so many were not needed for five minutes. */
export function planReplicas({ backlog, current, maximum, memory, minimum, now }: ReplicasWorld): ReplicasPlan {
  const bounded = (replicas: number): number => Math.max(minimum, Math.min(maximum, replicas));
  const needed = bounded(Math.ceil(backlog / jobsPerReplica));
  const former = memory.length === 0 && current !== undefined ? [{ at: now, needed: current }] : memory;
  // A clock that was set back makes what it left behind old.
  const recent = former.filter(({ at }) => at <= now && now - at < settleMilliseconds);
  const remembered = [...recent.filter((entry) => entry.needed > needed), { at: now, needed }];
  return { replicas: bounded(Math.max(...remembered.map((entry) => entry.needed))), memory: remembered };
}
