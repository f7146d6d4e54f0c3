import {
  autoweaveLibrary,
  parseRoomHead,
  queueKey,
  redisKeys,
  roomNoteCall,
  roomReadCall,
  roomRemoveCall,
  type FunctionCall,
  type FunctionLibrary,
  type RoomRow,
  type WaitingJob,
} from '@autoweave/crds';
import { callFunction, type Redis } from '@autoweave/platform/redis';
import type { RoomHead, WaitingRooms } from './ports.ts';
import type { QueuePool } from './queue-pool.ts';
import type { RoomEntry, Routing } from './room-state.ts';

/** A room is a BullMQ queue without a Worker; `aw:rooms` lists those that may hold jobs. */
export class RedisWaitingRooms implements WaitingRooms {
  readonly #redis: Redis;
  readonly #queues: QueuePool;
  readonly #library: FunctionLibrary = autoweaveLibrary();

  constructor({ redis, queues }: { readonly redis: Redis; readonly queues: QueuePool }) {
    this.#redis = redis;
    this.#queues = queues;
  }

  /** Rooms are listed after the jobs are in them: `forget` relies on that order. */
  async add(jobs: ReadonlyMap<string, readonly RoomEntry[]>): Promise<void> {
    if (jobs.size === 0) return;
    await Promise.all([...jobs].map(([room, entries]) => this.#addTo(room, entries)));
    await this.#redis.sadd(redisKeys.waitingRooms, ...jobs.keys());
  }

  async read(room: string, limit: number): Promise<RoomHead> {
    const { size, rows } = parseRoomHead(await this.#call(roomReadCall(room, limit)));
    return { size, entries: rows.map(roomEntry) };
  }

  async size(room: string): Promise<number> {
    return this.#redis.llen(queueKey(room, 'wait'));
  }

  async note(room: string, id: string, routing: Routing): Promise<void> {
    await this.#call(roomNoteCall(room, id, JSON.stringify(routing)));
  }

  async remove(room: string, ids: readonly string[]): Promise<number> {
    return Number(await this.#call(roomRemoveCall(room, ids)));
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

  /** A pipeline of BullMQ costs more than one job, and is in order. */
  async #addTo(room: string, entries: readonly RoomEntry[]): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    await this.#queues.use<unknown>(room, (queue) =>
      entries.length === 1
        ? queue.add(first.type, first, { jobId: first.id })
        : queue.addBulk(entries.map((data) => ({ name: data.type, data, opts: { jobId: data.id } }))),
    );
  }

  /** Devices that never come back must not fill Redis. BullMQ makes these again; its small `meta` it writes only once. */
  async #tidy(room: string): Promise<void> {
    await this.#redis.del(...['events', 'id', 'marker'].map((part) => queueKey(room, part)));
  }

  #call(call: FunctionCall): Promise<unknown> {
    return callFunction(this.#redis, this.#library, call);
  }
}

/** We wrote both ourselves. */
function roomEntry({ job, note }: RoomRow): RoomEntry {
  const entry: WaitingJob = JSON.parse(job);
  if (note === '') return entry;
  const routing: Routing = JSON.parse(note);
  return { ...entry, routing };
}
