import { redisKeys } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';
import type { BundleStore } from '../ports.ts';

/** A job that waits in a lane may need its bundle long after the plugin has got another one. */
const keptSeconds = 24 * 3600;

export class RedisBundleStore implements BundleStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async publish(digest: string, json: string): Promise<void> {
    const key = redisKeys.bundle(digest);
    if ((await this.#redis.expire(key, keptSeconds)) === 0) await this.#redis.set(key, json, 'EX', keptSeconds);
  }
}
