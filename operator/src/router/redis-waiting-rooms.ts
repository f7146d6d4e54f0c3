import { redisKeys } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';
import { Job, type Queue } from 'bullmq';
import type { WaitingRooms } from './ports.ts';
import type { QueuePool } from './queue-pool.ts';
import type { RoomEntry, Routing } from './room-state.ts';

/** A room is a BullMQ queue without a Worker; `aw:rooms` lists those that may hold jobs. */
export class RedisWaitingRooms implements WaitingRooms {
  readonly #redis: Redis;
  readonly #queues: QueuePool;

  constructor({ redis, queues }: { readonly redis: Redis; readonly queues: QueuePool }) {
    this.#redis = redis;
    this.#queues = queues;
  }

  /** The room is listed after the job is in it: `forget` relies on that order. */
  async add(room: string, entries: readonly RoomEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#queues.use(room, (queue) =>
      queue.addBulk(entries.map((data) => ({ name: data.type, data, opts: { jobId: data.id } }))),
    );
    await this.#redis.sadd(redisKeys.waitingRooms, room);
  }

  async read(room: string, limit: number): Promise<readonly RoomEntry[]> {
    return this.#queues.use(room, async (queue) => {
      const ids = await queue.getRanges(['wait'], 0, limit - 1, true);
      const jobs = await Promise.all(ids.map((id) => findJob(queue, id)));
      return jobs.flatMap((job) => (job === undefined ? [] : [job.data]));
    });
  }

  async size(room: string): Promise<number> {
    return this.#queues.use(room, (queue) => queue.getWaitingCount());
  }

  async note(room: string, id: string, routing: Routing): Promise<void> {
    await this.#queues.use(room, async (queue) => {
      const job = await findJob(queue, id);
      await job?.updateData({ ...job.data, routing });
    });
  }

  async remove(room: string, id: string): Promise<void> {
    await this.#queues.use(room, (queue) => queue.remove(id, { removeChildren: false }));
  }

  async list(): Promise<readonly string[]> {
    return this.#redis.sunion(redisKeys.waitingRooms, redisKeys.leavingRooms);
  }

  /**
   * Until the room was seen empty once more it stands in the second set, where a router that starts finds it: a job that
   * was added meanwhile is not lost with this process.
   */
  async forget(room: string): Promise<void> {
    await this.#redis.smove(redisKeys.waitingRooms, redisKeys.leavingRooms, room);
    if ((await this.size(room)) > 0) await this.#redis.sadd(redisKeys.waitingRooms, room);
    else await this.#tidy(room);
    await this.#redis.srem(redisKeys.leavingRooms, room);
  }

  /** Devices that never come back must not fill Redis. BullMQ makes these again; its small `meta` it writes only once. */
  async #tidy(room: string): Promise<void> {
    const parts = ['events', 'id', 'marker'];
    await this.#queues.use(room, (queue) => this.#redis.del(...parts.map((part) => queue.toKey(part))));
  }
}

function findJob(queue: Queue, id: string): Promise<Job<RoomEntry> | undefined> {
  return Job.fromId<RoomEntry>(queue, id);
}
