import { redisKeys } from '@autoweave/crds';
import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import { WaitError } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PresenceReader } from './presence-reader.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const executor = { node: 'a', instance: 'a1', version: '0.1.0', startedAt: 1 };

let server: RedisServer;
let redis: Redis;
let reader: PresenceReader;

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(() => {
  redis = createRedis({ url: server.url, name: 'test', logger });
  reader = new PresenceReader({ redis, logger, metrics: new MetricsRegistry(), onChange: () => {} });
});
afterEach(async () => {
  await reader.stop();
  await redis.flushall();
  await closeRedis(redis);
});

describe('a reader of the presence of executors', () => {
  it('knows those that live as soon as it is asked', async () => {
    await redis.sadd(redisKeys.executors, 'a');
    await redis.set(redisKeys.executor('a'), JSON.stringify(executor));
    reader.start();
    expect(await reader.list()).toEqual([executor]);
  });

  it('does not know at its start whether one without a key lives, and a few seconds later that it does not', async () => {
    await redis.sadd(redisKeys.executors, 'a');
    reader.start();
    await expect(reader.list()).rejects.toThrow(WaitError);
    await expect.poll(() => reader.list().catch(() => 'unknown')).toEqual([]);
  });

  it('lists those that lived for a few seconds after Redis came back without its data', async () => {
    await redis.sadd(redisKeys.executors, 'a');
    await redis.set(redisKeys.executor('a'), JSON.stringify(executor));
    reader.start();
    await reader.list();
    const reconnected = new Promise((resolve) => redis.once('ready', resolve));
    await redis.flushall();
    redis.disconnect(true);
    await reconnected;
    await expect.poll(() => reader.states().get('a')).toEqual({ state: 'unknown' });
    expect(await reader.list()).toEqual([executor]);
    await expect.poll(() => reader.list()).toEqual([]);
  });
});
