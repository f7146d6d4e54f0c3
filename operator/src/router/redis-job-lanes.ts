import {
  autoweaveLibrary,
  laneFindCall,
  parseLaneRows,
  queues,
  type FunctionLibrary,
  type LaneJob,
  type LaneRow,
} from '@autoweave/crds';
import { callFunction, type Redis } from '@autoweave/platform/redis';
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
  readonly #library: FunctionLibrary = autoweaveLibrary();

  constructor({ redis, queues: pool }: { readonly redis: Redis; readonly queues: QueuePool }) {
    this.#redis = redis;
    this.#queues = pool;
  }

  async add(node: string, job: LaneJob): Promise<void> {
    const options = { jobId: job.id, removeOnComplete: kept, removeOnFail: kept };
    await this.#use(node, (queue) => queue.add(job.type, job, options));
  }

  async find(node: string, ids: readonly string[]): Promise<ReadonlyMap<string, LaneCopy>> {
    const rows = parseLaneRows(await callFunction(this.#redis, this.#library, laneFindCall(queues.lane(node), ids)));
    return new Map(
      ids.flatMap((id, index) => {
        const row = rows[index];
        return row === undefined ? [] : [[id, copyOf(node, row)] as const];
      }),
    );
  }

  /** BullMQ removes no job that is locked. Giving back the lock that was seen is refused when another took it since. */
  async withdraw({ node, instance }: LaneCopy, id: string): Promise<boolean> {
    return this.#use(node, async (queue) => {
      // In this order: a lock that was read before the job named its holder belongs to that holder or to an earlier one.
      const lock = await this.#redis.get(`${queue.toKey(id)}:lock`);
      const copy = (await this.find(node, [id])).get(id);
      if (copy === undefined) return true;
      if (copy.instance !== instance) return false;
      if (copy.state === 'running' && lock !== null && !(await giveBack(queue, id, lock))) return false;
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
async function giveBack(queue: Queue, id: string, lock: string): Promise<boolean> {
  try {
    await (await Job.fromId<LaneJob>(queue, id))?.moveToWait(lock);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === lockRanOut) return true;
    if (code === anotherHoldsTheLock) return false;
    throw error;
  }
}

/** The executor's Worker bears its instance as its name, which BullMQ notes in what it takes. */
function copyOf(node: string, { state, takenBy, failure }: LaneRow): LaneCopy {
  const instance = takenBy === '' ? {} : { instance: takenBy };
  return { node, state, ...instance, ...(state === 'ended' && failure !== '' ? { failure } : {}) };
}
