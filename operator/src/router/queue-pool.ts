import type { Redis } from '@autoweave/platform/redis';
import { Queue } from 'bullmq';

export interface QueuePoolOptions {
  /** Shared by all queues: one without a Worker needs no connection of its own. */
  readonly connection: Redis;
  /** Most queues kept open. */
  readonly limit: number;
}

interface PooledQueue {
  readonly queue: Queue;
  users: number;
}

/** Rooms hold few jobs and nobody listens to their events. */
const keptEvents = 100;

/** BullMQ queues by name. The least recently used ones are closed, so that memory does not grow with every device ever seen. */
export class QueuePool {
  readonly #connection: Redis;
  readonly #limit: number;
  /** In order of last use. */
  readonly #queues = new Map<string, PooledQueue>();

  constructor({ connection, limit }: QueuePoolOptions) {
    this.#connection = connection;
    this.#limit = limit;
  }

  async use<T>(name: string, action: (queue: Queue) => Promise<T>): Promise<T> {
    const pooled = this.#take(name);
    pooled.users += 1;
    try {
      return await action(pooled.queue);
    } finally {
      pooled.users -= 1;
      await this.#closeSurplus();
    }
  }

  async close(): Promise<void> {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    await Promise.all(queues.map(({ queue }) => queue.close()));
  }

  #take(name: string): PooledQueue {
    const pooled = this.#queues.get(name) ?? { queue: this.#open(name), users: 0 };
    this.#queues.delete(name);
    this.#queues.set(name, pooled);
    return pooled;
  }

  #open(name: string): Queue {
    const queue = new Queue(name, {
      connection: this.#connection,
      streams: { events: { maxLen: keptEvents } },
      skipVersionCheck: true,
    });
    // The connection logs its outages, and every command rejects by itself.
    queue.on('error', () => {});
    return queue;
  }

  async #closeSurplus(): Promise<void> {
    for (const [name, { queue, users }] of this.#queues) {
      if (this.#queues.size <= this.#limit) return;
      if (users > 0) continue;
      this.#queues.delete(name);
      await queue.close();
    }
  }
}
