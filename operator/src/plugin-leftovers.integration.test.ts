import { redisKeys, type AutoWeavePlugin } from '@autoweave/crds';
import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PluginLeftovers } from './plugin-leftovers.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

let server: RedisServer;
let redis: Redis;
let plugins: AutoWeavePlugin[];
let leftovers: PluginLeftovers;

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(() => {
  redis = createRedis({ url: server.url, name: 'test', logger });
  plugins = [];
  leftovers = new PluginLeftovers({ redis, plugins: { list: () => plugins }, logger });
});
afterEach(async () => {
  await leftovers.stop();
  await redis.flushall();
  await closeRedis(redis);
});

/** A plugin that has left its traces in Redis. */
async function usedPlugin(name: string, uid: string): Promise<AutoWeavePlugin> {
  await redis.hset(redisKeys.toldDevices(uid), 'a/device', 'a/0123456789ab/1');
  await redis.hset(redisKeys.pluginCounters('lab', name), 'succeeded', 1);
  return { apiVersion: '', kind: '', metadata: { namespace: 'lab', name, uid }, spec: { source: {} } };
}

const keys = async (): Promise<string[]> => (await redis.keys('*')).toSorted();

describe('what a plugin left in Redis', () => {
  it('goes with it', async () => {
    const plugin = await usedPlugin('p', 'uid-1');
    leftovers.pluginChanged(undefined, plugin);
    await expect.poll(keys).toEqual([]);
  });

  it('is not inherited by another of the same name, and stays when the plugin only changes', async () => {
    const plugin = await usedPlugin('p', 'uid-1');
    leftovers.pluginChanged({ ...plugin, spec: { source: {}, suspend: true } }, plugin);
    await redis.ping();
    expect(await keys()).toHaveLength(2);
    leftovers.pluginChanged({ ...plugin, metadata: { ...plugin.metadata, uid: 'uid-2' } }, plugin);
    await expect.poll(keys).toEqual([]);
  });

  it('goes at the next start when nobody led as the plugin was deleted; nothing else does', async () => {
    plugins = [await usedPlugin('stays', 'uid-1')];
    await redis.set(redisKeys.jobRecord('job'), 'x');
    const before = await keys();
    await usedPlugin('gone', 'uid-2');
    leftovers.start();
    await expect.poll(keys).toEqual(before);
  });
});
