import { type PluginKey, redisKeys } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';
import type { PluginStore, StoreEntry } from '../ports.ts';

/** KEYS hash. ARGV key, value, how many keys the hash may hold. */
const setWithin = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1`;

/** One hash a plugin. */
export class RedisPluginStore implements PluginStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async get(plugin: PluginKey, key: string): Promise<string | undefined> {
    return (await this.#redis.hget(hashOf(plugin), key)) ?? undefined;
  }

  async set(plugin: PluginKey, { key, value }: StoreEntry, maxKeys: number): Promise<boolean> {
    return (await this.#redis.eval(setWithin, 1, hashOf(plugin), key, value, maxKeys)) === 1;
  }

  async delete(plugin: PluginKey, key: string): Promise<boolean> {
    return (await this.#redis.hdel(hashOf(plugin), key)) === 1;
  }

  async keys(plugin: PluginKey): Promise<readonly string[]> {
    return this.#redis.hkeys(hashOf(plugin));
  }
}

function hashOf({ namespace, name }: PluginKey): string {
  return redisKeys.pluginStore(namespace, name);
}
