import { createRedis, closeRedis } from '@autoweave/platform/redis';
import { startRedisServer } from '@autoweave/hack/testing';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { expect, it, onTestFinished } from 'vitest';
import { RedisPreparation } from './redis-preparation.ts';

it('the preparation of Redis tells, as a metric, with which settings it can lose jobs', async () => {
  const server = await startRedisServer();
  onTestFinished(() => server.stop());
  const logger = createLogger({ name: 'test', level: 'fatal' });
  const redis = createRedis({ url: server.url, name: 'test', logger });
  onTestFinished(() => closeRedis(redis));
  const unsafeSettings = async (): Promise<readonly string[]> => {
    const metrics = new MetricsRegistry();
    const preparation = new RedisPreparation({ redis, logger, metrics });
    preparation.start();
    await expect.poll(() => metrics.render()).toContain('autoweave_redis_unsafe_settings{');
    await preparation.stop();
    const lines = metrics.render().matchAll(/^autoweave_redis_unsafe_settings\{setting="([^"]+)"\} 1$/gm);
    return [...lines].map(([, setting = '']) => setting);
  };
  expect(await unsafeSettings()).toEqual([]);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await unsafeSettings()).toEqual(['maxmemory-policy']);
  await redis.config('SET', 'appendonly', 'no');
  expect(await unsafeSettings()).toEqual(['maxmemory-policy', 'appendonly']);
});
