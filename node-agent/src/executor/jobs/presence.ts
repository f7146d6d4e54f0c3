import { redisKeys } from '@autoweave/crds';
import { errorMessage } from '@autoweave/platform/errors';
import type { Redis } from '@autoweave/platform/redis';
import type { Logger } from '@autoweave/platform/telemetry';

const refreshMilliseconds = 1000;
const lifeMilliseconds = 3000;

/** KEYS presence. ARGV our value. Another instance may have taken over. */
const removeOwn = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

export interface ExecutorIdentity {
  readonly instance: string;
  readonly node: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly version: string;
}

/** Tells the operator, by a key that dies with this process, that the node has an executor. */
export class Presence {
  readonly #redis: Redis;
  readonly #identity: ExecutorIdentity;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #refreshing = false;
  readonly #told = Promise.withResolvers<void>();

  constructor(redis: Redis, identity: ExecutorIdentity, logger: Logger) {
    this.#redis = redis;
    this.#identity = identity;
    this.#logger = logger;
  }

  /** @returns when the operator can know of it, or, told to stop before that, when it did */
  start(): Promise<void> {
    void this.#refresh();
    this.#timer ??= setInterval(() => void this.#refresh(), refreshMilliseconds);
    return this.#told.promise;
  }

  /** The operator knows at once. */
  async stop(): Promise<void> {
    this.#told.resolve();
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    try {
      await this.#redis.eval(removeOwn, 1, this.#key, this.#value);
    } catch (error) {
      this.#logger.debug({ reason: errorMessage(error) }, 'Left the presence key to expire');
    }
  }

  get #key(): string {
    return redisKeys.executor(this.#identity.node);
  }

  get #value(): string {
    return JSON.stringify(this.#identity);
  }

  /** While Redis is away the first one waits for it, and the others are left out. */
  async #refresh(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      const { node } = this.#identity;
      await this.#redis
        .multi()
        .set(this.#key, this.#value, 'PX', lifeMilliseconds)
        .sadd(redisKeys.executors, node)
        .exec();
      this.#told.resolve();
    } catch (error) {
      this.#logger.debug({ reason: errorMessage(error) }, 'Failed to refresh the presence key');
    } finally {
      this.#refreshing = false;
    }
  }
}
