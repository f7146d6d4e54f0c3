import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../testing/index.ts';
import { provideRedisServer } from '../tools/index.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
/** One password would have to be that of both: after a fail-over clients come with the same. */
const open = ['user default on nopass ~* &* +@all', 'protected-mode no'];
const connections: Redis[] = [];
let directory: string;
let primary: RedisServer;
let replica: RedisServer;
let sentinel: RedisServer;

beforeAll(async () => {
  const command = await provideRedisServer();
  directory = await mkdtemp(join(tmpdir(), 'autoweave-sentinel-'));
  // The server is a sentinel when it is called so.
  const asSentinel = join(directory, command.includes('valkey') ? 'valkey-sentinel' : 'redis-sentinel');
  await symlink(command, asSentinel);
  primary = await startRedisServer({ settings: open });
  replica = await startRedisServer({ settings: [...open, `replicaof 127.0.0.1 ${primary.port}`] });
  const settings = [
    `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
  ];
  sentinel = await startRedisServer({ command: asSentinel, settings });
});

afterAll(async () => {
  await Promise.all(connections.map(closeRedis));
  await Promise.all([primary?.stop(), replica?.stop(), sentinel?.stop()]);
  await rm(directory, { recursive: true });
});

function connect(blocking = false): Redis {
  const { password } = new URL(sentinel.url);
  const url = `redis+sentinel://127.0.0.1:${sentinel.port}/main?sentinelPassword=${password}`;
  const redis = createRedis({ url, name: 'sentinel-test', logger, blocking });
  connections.push(redis);
  return redis;
}

describe('Redis behind sentinels', () => {
  it('is reached through them, and its next primary when the first one dies', async () => {
    const redis = connect();
    const done: string[] = [];
    const worker = new Worker('work', async ({ data }) => void done.push(data as string), {
      connection: connect(true),
    });
    worker.on('error', () => undefined);
    const queue = new Queue('work', { connection: redis });
    queue.on('error', () => undefined);
    await queue.add('job', 'before');
    await expect.poll(() => done).toEqual(['before']);
    await expect.poll(() => redis.info('replication')).toContain(`port=${replica.port},state=online`);
    expect(await redis.wait(1, 5_000)).toBe(1);

    await primary.kill();
    await expect
      .poll(
        () =>
          queue.add('job', 'after', { jobId: 'after' }).then(
            ({ id }) => id,
            () => 'refused',
          ),
        { timeout: 40_000 },
      )
      .toBe('after');
    expect(await redis.config('GET', 'port')).toEqual(['port', String(replica.port)]);
    await expect.poll(() => done, { timeout: 40_000 }).toEqual(['before', 'after']);
    await Promise.all([worker.close(), queue.close()]);
  }, 120_000);
});
