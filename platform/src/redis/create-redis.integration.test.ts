import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../telemetry/index.ts';
import { checkRedisSettings, checkRedisVersion, closeRedis, createRedis, redisReadiness, type Redis } from './index.ts';

const opened: Redis[] = [];
let server: RedisServer;
let socketPath: string;
let messages: string[];

beforeAll(async () => {
  socketPath = join('/tmp', `autoweave-${randomUUID().slice(0, 8)}.sock`);
  server = await startRedisServer({ settings: [`unixsocket ${socketPath}`] });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(closeRedis));
  await server.start();
});

afterAll(() => server.stop());

function open(url = server.url, { blocking = false } = {}): Redis {
  messages = [];
  const destination = {
    write: (line: string): void => void messages.push((JSON.parse(line) as { msg: string }).msg),
  };
  const logger = createLogger({ name: 'test', level: 'info', destination });
  const redis = createRedis({ url, name: 'autoweave-test', logger, blocking });
  opened.push(redis);
  return redis;
}

describe('a connection to Redis', () => {
  it('speaks RESP3, has a name, and gives maps in the shapes that are parsed', async () => {
    const redis = open();
    expect(await redis.client('INFO')).toMatch(/name=autoweave-test .*resp=3/);
    await redis.hset('hash', 'a', '1');
    expect(await redis.hgetall('hash')).toEqual({ a: '1' });
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  });

  it('goes through a Unix socket', async () => {
    const password = new URL(server.url).password;
    expect(await open(`unix://:${password}@localhost${socketPath}?db=3`).client('INFO')).toContain(' db=3 ');
  });

  it('comes back after an outage, and says so once', async () => {
    const redis = open();
    await redis.ping();
    expect(redisReadiness(redis).check()).toBeUndefined();
    await server.kill();
    await vi.waitFor(() => expect(redisReadiness(redis).check()).toMatch(/^the connection to Redis is /));
    // Several attempts fail meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await server.start();
    await vi.waitFor(() => expect(redisReadiness(redis).check()).toBeUndefined(), 5_000);
    expect(messages).toEqual(['Lost the connection to Redis', 'Reached Redis again']);
  });

  it('fails a command soon when Redis is away, so that the caller can say so', async () => {
    const redis = open();
    await redis.ping();
    await server.kill();
    await expect(redis.ping()).rejects.toThrow(/max retries/i);
  });

  it('lets a command wait for Redis when it is for blocking', async () => {
    const redis = open(server.url, { blocking: true });
    await redis.ping();
    await server.kill();
    const answer = redis.ping();
    await server.start();
    expect(await answer).toBe('PONG');
  });

  it('starts without Redis, and closes without it', async () => {
    await server.kill();
    const redis = open();
    await vi.waitFor(() => expect(messages).toEqual(['Lost the connection to Redis']));
    await closeRedis(redis);
    await closeRedis(redis);
    expect(messages).toEqual(['Lost the connection to Redis']);
  });

  it('uses no other database than the named one', async () => {
    const redis = open(`${server.url}/99`);
    await vi.waitFor(() => expect(redis.status).toBe('end'));
    await expect(redis.set('key', 'value')).rejects.toThrow('Connection is closed');
    expect(messages).toContain('Closed a connection because Redis lacks the named database');
  });

  it('says nothing of the password', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'test',
      level: 'trace',
      destination: { write: (line) => void lines.push(line) },
    });
    const redis = createRedis({ url: server.url.replace(/:[^:@]+@/, ':hunter2@'), name: 'autoweave-test', logger });
    opened.push(redis);
    await vi.waitFor(() => expect(lines.join('')).toContain('WRONGPASS'));
    expect(lines.join('')).not.toContain('hunter2');
  });
});

describe('the check of the server', () => {
  it('accepts a safe server that is new enough', async () => {
    const redis = open();
    await checkRedisVersion(redis);
    expect(await checkRedisSettings(redis)).toEqual([]);
  });

  it('names each setting that can lose data', async () => {
    const redis = open();
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru', 'appendonly', 'no');
    try {
      expect(await checkRedisSettings(redis)).toEqual([
        'maxmemory-policy is allkeys-lru, so Redis may evict events and jobs',
        'appendonly is no, so a crash of Redis loses events and jobs',
      ]);
    } finally {
      await redis.config('SET', 'maxmemory-policy', 'noeviction', 'appendonly', 'yes');
    }
  });
});
