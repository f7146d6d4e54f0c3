import { createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { processesIn } from './processes-in.ts';

describe('a Redis server', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedisServer();
    const logger = createLogger({ name: 'redis-server-test', level: 'silent' });
    redis = createRedis({ url: server.url, name: 'redis-server-test', logger });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('keeps what it confirmed when it is killed', async () => {
    await redis.set('kept', '1');
    await server.kill();
    await server.start();
    await expect.poll(() => redis.get('kept').catch(() => undefined)).toBe('1');
  });

  it('refuses who does not know the password', async () => {
    let refusal: unknown;
    const stranger = redis.duplicate({ password: 'wrong', retryStrategy: () => null });
    stranger.once('error', (error) => (refusal = error));
    await expect.poll(() => String(refusal)).toContain('WRONGPASS');
    stranger.disconnect();
  });

  it('leaves no process and no file when it stops, also the second time', async () => {
    await server.stop();
    await server.stop();
    expect(await processesIn(server.directory)).toEqual([]);
    await expect(readdir(server.directory)).rejects.toThrow('ENOENT');
  });
});
