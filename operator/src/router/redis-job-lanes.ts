import { queues, type LaneJob } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';
import { Job, type Queue } from 'bullmq';
import type { JobLanes } from './ports.ts';
import type { QueuePool } from './queue-pool.ts';
import type { LaneCopy } from './room-state.ts';

/** Longer than any client looks for the result in the job, and bounded. The durable result is the record. */
const kept = { age: 24 * 3600, count: 1_000 };

/** A lane is a BullMQ queue that the executor of a node works on. */
export class RedisJobLanes implements JobLanes {
  readonly #redis: Redis;
  readonly #queues: QueuePool;

  constructor({ redis, queues: pool }: { readonly redis: Redis; readonly queues: QueuePool }) {
    this.#redis = redis;
    this.#queues = pool;
  }

  async add(node: string, job: LaneJob): Promise<void> {
    const options = { jobId: job.id, removeOnComplete: kept, removeOnFail: kept };
    await this.#use(node, (queue) => queue.add(job.type, job, options));
  }

  async find(node: string, id: string): Promise<LaneCopy | undefined> {
    return this.#use(node, async (queue) => {
      const job = await Job.fromId<LaneJob>(queue, id);
      return job === undefined ? undefined : copyOf(node, job);
    });
  }

  /** BullMQ removes no job that is locked. Giving back the lock that was seen is refused when another took it since. */
  async withdraw({ node, instance }: LaneCopy, id: string): Promise<boolean> {
    return this.#use(node, async (queue) => {
      // In this order: a lock that was read before the job named its holder belongs to that holder or to an earlier one.
      const lock = await this.#redis.get(`${queue.toKey(id)}:lock`);
      const job = await Job.fromId<LaneJob>(queue, id);
      if (job === undefined) return true;
      const copy = await copyOf(node, job);
      if (copy.instance !== instance) return false;
      if (copy.state === 'running' && lock !== null && !(await giveBack(job, lock))) return false;
      return (await queue.remove(id, { removeChildren: false })) === 1;
    });
  }

  async unfinished(node: string): Promise<readonly string[]> {
    return this.#use(node, (queue) => queue.getRanges(['active', 'wait', 'prioritized', 'delayed']));
  }

  #use<T>(node: string, action: (queue: Queue) => Promise<T>): Promise<T> {
    return this.#queues.use(queues.lane(node), action);
  }
}

/** BullMQ's answers to a lock that is not, or no longer, that of the job. */
const anotherHoldsTheLock = -6;
const lockRanOut = -2;

/** @returns false when another has taken the job since. */
async function giveBack(job: Job, lock: string): Promise<boolean> {
  try {
    await job.moveToWait(lock);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === lockRanOut) return true;
    if (code === anotherHoldsTheLock) return false;
    throw error;
  }
}

/** The executor's Worker bears its instance as its name, which BullMQ notes in what it takes. */
async function copyOf(node: string, job: Job): Promise<LaneCopy> {
  const { finishedOn, failedReason, processedOn, processedBy } = job;
  const instance = processedBy === undefined ? {} : { instance: processedBy };
  if (finishedOn !== undefined) {
    return { node, state: 'ended', ...instance, ...(failedReason === undefined ? {} : { failure: failedReason }) };
  }
  // An executor that stops puts back what it had taken, and the marks of that stay.
  const isRunning = processedOn !== undefined && (await job.getState()) === 'active';
  return { node, state: isRunning ? 'running' : 'waiting', ...instance };
}
