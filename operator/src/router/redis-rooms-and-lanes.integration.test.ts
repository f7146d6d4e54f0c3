import { queues, redisKeys, type LaneJob } from '@autoweave/crds';
import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { Job, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { QueuePool } from './queue-pool.ts';
import { RedisJobLanes } from './redis-job-lanes.ts';
import { RedisWaitingRooms } from './redis-waiting-rooms.ts';
import type { LaneCopy, RoomEntry } from './room-state.ts';
import { testEntry } from './testing/sample-jobs.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const revision = {
  uid: 'u',
  runtime: 'Thread' as const,
  bundleDigest: 'sha256:0',
  memoryMegabytes: 64,
  timeoutSeconds: 30,
};

let server: RedisServer;
let redis: Redis;
let pool: QueuePool;

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(() => {
  redis = createRedis({ url: server.url, name: 'test', logger });
  pool = new QueuePool({ connection: redis, limit: 2 });
});
afterEach(async () => {
  await redis.flushall();
  await pool.close();
  await closeRedis(redis);
});

describe('a waiting room in Redis', () => {
  const room = 'room-device-x';
  let rooms: RedisWaitingRooms;
  beforeEach(() => {
    rooms = new RedisWaitingRooms({ redis, queues: pool });
  });

  async function add(...entries: readonly RoomEntry[]): Promise<void> {
    await rooms.add(new Map([[room, entries]]));
  }

  async function idsOf(limit: number): Promise<{ ids: readonly string[]; size: number }> {
    const { entries, size } = await rooms.read(room, limit);
    return { ids: entries.map(({ id }) => id), size };
  }

  it('gives its jobs in order of arrival, each id once', async () => {
    await add(testEntry('a'), testEntry('b'));
    await add(testEntry('b'), testEntry('c'));
    expect(await idsOf(10)).toEqual({ ids: ['a', 'b', 'c'], size: 3 });
    expect(await idsOf(2)).toEqual({ ids: ['a', 'b'], size: 3 });
    expect(await rooms.size(room)).toBe(3);
  });

  it('keeps the whole job, and what is noted with it', async () => {
    const job = testEntry('a', { payload: { text: 'ä "quoted" \u0000', list: [1, null] } });
    await add(job);
    await rooms.note(room, 'a', { node: 'n1', endedExecutors: ['i1'] });
    const routing = { node: 'n1', endedExecutors: ['i1'] };
    expect((await rooms.read(room, 1)).entries).toEqual([{ ...job, routing }]);
    await rooms.note(room, 'gone', { node: 'n1' });
    expect(await redis.exists(`bull:${room}:gone`)).toBe(0);
  });

  it('is listed while it holds a job, and leaves the list when it is empty', async () => {
    await add(testEntry('a'));
    await rooms.forget(room);
    expect(await rooms.list()).toEqual([room]);
    expect(await rooms.remove(room, ['a'])).toBe(0);
    expect(await rooms.remove(room, ['a'])).toBe(0);
    await rooms.forget(room);
    expect(await rooms.list()).toEqual([]);
    expect(await redis.keys('*')).toEqual([`bull:${room}:meta`]);
  });

  it('is found again when the process ended half-way through leaving the list', async () => {
    await add(testEntry('a'));
    await redis.smove(redisKeys.waitingRooms, redisKeys.leavingRooms, room);
    expect(await rooms.list()).toEqual([room]);
    await rooms.forget(room);
    expect(await redis.smembers(redisKeys.waitingRooms)).toEqual([room]);
    expect(await redis.smembers(redisKeys.leavingRooms)).toEqual([]);
  });

  it('costs no connection, and its queue is closed when others are used', async () => {
    const before = String(await redis.client('LIST'))
      .trim()
      .split('\n').length;
    for (let index = 0; index < 10; index++) {
      await rooms.add(new Map([[`room-device-${index}`, [testEntry('a')]]]));
    }
    expect(
      String(await redis.client('LIST'))
        .trim()
        .split('\n'),
    ).toHaveLength(before);
    expect(redis.listenerCount('close')).toBeLessThan(10);
    for (let index = 0; index < 10; index++) expect(await rooms.size(`room-device-${index}`)).toBe(1);
  });
});

describe('a lane in Redis', () => {
  const job: LaneJob = { ...testEntry('a'), revision };
  let lanes: RedisJobLanes;
  let workerRedis: Redis;
  const workers: Worker[] = [];
  beforeEach(() => {
    lanes = new RedisJobLanes({ redis, queues: pool });
    workerRedis = createRedis({ url: server.url, name: 'worker', logger, blocking: true });
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close(true)));
    await closeRedis(workerRedis);
  });

  async function copy(): Promise<LaneCopy | undefined> {
    return (await lanes.find('n1', ['a'])).get('a');
  }

  /** Takes one job and keeps it until `end` is called. */
  async function take(instance: string): Promise<(error?: Error) => void> {
    const taken = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const worker = new Worker(
      queues.lane('n1'),
      async () => {
        taken.resolve();
        await ended.promise;
      },
      { connection: workerRedis, name: instance, lockDuration: 60_000 },
    );
    worker.on('error', () => {});
    workers.push(worker);
    await taken.promise;
    return (error) => (error === undefined ? ended.resolve() : ended.reject(error));
  }

  it('tells how far a job is', async () => {
    expect(await copy()).toBeUndefined();
    await lanes.add('n1', job);
    await lanes.add('n1', job);
    expect(await copy()).toEqual({ node: 'n1', state: 'waiting' });
    expect(await lanes.unfinished('n1')).toEqual(['a']);
    const end = await take('i1');
    expect(await copy()).toEqual({ node: 'n1', state: 'running', instance: 'i1' });
    expect(await lanes.unfinished('n1')).toEqual(['a']);
    end();
    await expect.poll(() => copy()).toEqual({ node: 'n1', state: 'ended', instance: 'i1' });
    expect(await lanes.unfinished('n1')).toEqual([]);
  });

  it('tells why BullMQ gave a job up', async () => {
    await lanes.add('n1', job);
    (await take('i1'))(new Error('broken'));
    await expect.poll(() => copy()).toMatchObject({ state: 'ended', failure: 'broken' });
  });

  it('gives back a job that nobody took, one that ended, and one that is not there', async () => {
    await lanes.add('n1', job);
    expect(await lanes.withdraw({ node: 'n1', state: 'waiting' }, 'a')).toBe(true);
    expect(await copy()).toBeUndefined();
    expect(await lanes.withdraw({ node: 'n1', state: 'waiting' }, 'a')).toBe(true);
    await lanes.add('n1', job);
    (await take('i1'))();
    await expect.poll(async () => (await copy())?.state).toBe('ended');
    expect(await lanes.withdraw({ node: 'n1', state: 'ended', instance: 'i1' }, 'a')).toBe(true);
    expect(await copy()).toBeUndefined();
  });

  it('gives back a job from under the executor that took it, with its lock', async () => {
    await lanes.add('n1', job);
    await take('i1');
    expect(await lanes.withdraw({ node: 'n1', state: 'running', instance: 'i1' }, 'a')).toBe(true);
    expect(await copy()).toBeUndefined();
    expect(await lanes.unfinished('n1')).toEqual([]);
    expect(await redis.keys('*lane-n1:a*')).toEqual([]);
  });

  it('takes a job that its executor put back for one that waits', async () => {
    await lanes.add('n1', job);
    await take('i1');
    const lock = (await redis.get('bull:lane-n1:a:lock')) ?? '';
    await pool.use(queues.lane('n1'), async (queue) => (await Job.fromId(queue, 'a'))?.moveToWait(lock));
    await workers[0]?.close(true);
    expect(await copy()).toEqual({ node: 'n1', state: 'waiting', instance: 'i1' });
    expect(await lanes.withdraw({ node: 'n1', state: 'waiting', instance: 'i1' }, 'a')).toBe(true);
    expect(await copy()).toBeUndefined();
  });

  it('keeps a job that another executor took meanwhile', async () => {
    await lanes.add('n1', job);
    await take('i2');
    expect(await lanes.withdraw({ node: 'n1', state: 'running', instance: 'i1' }, 'a')).toBe(false);
    expect(await lanes.withdraw({ node: 'n1', state: 'waiting' }, 'a')).toBe(false);
    expect(await copy()).toMatchObject({ state: 'running', instance: 'i2' });
  });
});
