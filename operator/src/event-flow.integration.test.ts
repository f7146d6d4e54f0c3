import { redisKeys, resources, type HotplugEvent, type LaneJob } from '@autoweave/crds';
import { startControlPlane, startRedisServer, type ControlPlane, type RedisServer } from '@autoweave/hack/testing';
import type { KubeClient } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testEvent } from './router/testing/sample-jobs.ts';
import { Replica, testClient } from './testing/replica.ts';
import { TestExecutor, type TestExecutorOptions } from './testing/test-executor.ts';
import {
  createListeningPlugin,
  createNamespace,
  createUsbNode,
  pluginEvents,
  publish,
} from './testing/test-objects.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const patience = { timeout: 20_000, interval: 50 };
const node = 'a';

let plane: ControlPlane;
let server: RedisServer;
let client: KubeClient;
let redis: Redis;
let executorRedis: Redis;
let namespace: string;
let counter = 0;
let replica: Replica | undefined;
const executors: TestExecutor[] = [];

beforeAll(async () => {
  [plane, server] = await Promise.all([startControlPlane(), startRedisServer()]);
  client = await testClient(plane.kubeconfigPath);
  await createUsbNode(client, node);
});
afterAll(async () => {
  await Promise.all([plane?.stop(), server?.stop()]);
});

beforeEach(async () => {
  redis = createRedis({ url: server.url, name: 'test', logger });
  executorRedis = createRedis({ url: server.url, name: 'executor', logger, blocking: true });
  namespace = `flow-${++counter}`;
  await createNamespace(client, namespace);
});
afterEach(async () => {
  await replica?.stop();
  replica = undefined;
  await Promise.all(executors.splice(0).map((running) => running.stop()));
  await client.delete(resources.autoWeavePlugin, { namespace, name: 'p' });
  await redis.flushall();
  await Promise.all([closeRedis(redis), closeRedis(executorRedis)]);
});

async function lead(): Promise<Replica> {
  replica = await new Replica(client, server.url).start();
  return replica;
}

async function executor(instance: string, run?: TestExecutorOptions['run']): Promise<TestExecutor> {
  const options = { node, instance, redis: executorRedis, ...(run === undefined ? {} : { run }) };
  const started = await new TestExecutor(options).start();
  executors.push(started);
  return started;
}

/** The n-th event of one device of this test. */
function event(sequence: number, overrides: Partial<HotplugEvent> = {}): HotplugEvent {
  const signature = counter.toString(16).padStart(16, '0');
  return testEvent({
    eventId: `${node}/0123456789ab/${sequence}`,
    sequence,
    action: sequence % 2 === 1 ? 'attach' : 'detach',
    deviceSignature: signature,
    deviceName: `046d-c31c-${signature}`,
    timestamp: Date.now(),
    ...overrides,
  });
}

async function isQuiet(): Promise<boolean> {
  return (await redis.scard(redisKeys.waitingRooms)) === 0 && (await redis.scard(redisKeys.leavingRooms)) === 0;
}

/** Every group has handled every entry. */
async function isAllRead(): Promise<boolean> {
  const groups = (await Promise.all(
    [redisKeys.hotplugStream, redisKeys.resultStream].map((stream) => redis.xinfo('GROUPS', stream)),
  )) as unknown[][][];
  const open = groups
    .flat()
    .map((fields) => [fields[fields.indexOf('pending') + 1], fields[fields.indexOf('lag') + 1]]);
  return open.length === 3 && open.flat().every((count) => count === 0);
}

/** Every entry is delivered to the next leader again. */
async function redeliverAll(): Promise<void> {
  for (const [stream, group] of [
    [redisKeys.hotplugStream, redisKeys.hotplugGroup],
    [redisKeys.resultStream, redisKeys.resultGroup],
    [redisKeys.resultStream, redisKeys.resultEventGroup],
  ] as const) {
    await redis.xgroup('DESTROY', stream, group).catch(() => {});
  }
}

describe('a hotplug event', () => {
  it('runs once at its node, in order, and leaves a Kubernetes Event and no room', async () => {
    const plugin = await createListeningPlugin(client, namespace, 'p');
    const { ran } = await executor('i1');
    await lead();
    for (const sequence of [1, 2, 3]) await publish(redis, event(sequence));

    await expect.poll(() => ran.map((job) => job.event?.sequence), patience).toEqual([1, 2, 3]);
    expect(ran[0]).toMatchObject({ type: 'usb.attach', node, pluginUid: plugin.metadata.uid });
    await expect.poll(isQuiet, patience).toBe(true);
    await expect.poll(() => pluginEvents(client, namespace), patience).toEqual(Array(3).fill('PluginSucceeded'));
    expect(await redis.hget(redisKeys.pluginCounters(namespace, 'p'), 'succeeded')).toBe('3');
  });

  it('runs once though every entry comes again to every new leader', async () => {
    await createListeningPlugin(client, namespace, 'p');
    await publish(redis, event(1));
    const first = await lead();
    await expect.poll(() => redis.smembers(redisKeys.waitingRooms), patience).toHaveLength(1);
    await first.stop();

    await redeliverAll();
    const hook = Promise.withResolvers<void>();
    const { ran } = await executor('i1', () => hook.promise);
    const second = await lead();
    await expect.poll(() => redis.llen(`bull:lane-${node}:active`), patience).toBe(1);
    await second.stop();

    await redeliverAll();
    hook.resolve();
    await expect.poll(() => redis.xlen(redisKeys.resultStream), patience).toBe(1);
    const third = await lead();
    await expect.poll(isQuiet, patience).toBe(true);
    await third.stop();

    await redeliverAll();
    await lead();
    await expect.poll(isAllRead, patience).toBe(true);
    await expect.poll(isQuiet, patience).toBe(true);
    expect(ran).toHaveLength(1);
    expect(await redis.xlen(redisKeys.resultStream)).toBe(1);
    expect(await pluginEvents(client, namespace)).toEqual(['PluginSucceeded']);
  });

  it('is told to a plugin that begins to listen later, once, as long as the device is there', async () => {
    const { ran } = await executor('i1');
    await lead();
    const absent = testEvent({ ...event(1), deviceName: '046d-c31c-ffffffffffffffff' });
    await publish(redis, absent);
    await publish(redis, { ...absent, eventId: `${node}/0123456789ab/2`, sequence: 2, action: 'detach' });
    await publish(redis, event(3));
    await expect.poll(() => redis.hlen(redisKeys.attachedDevices), patience).toBe(1);
    await createListeningPlugin(client, namespace, 'p');
    await expect.poll(() => ran.map((job) => job.event?.sequence), patience).toEqual([3]);
    await replica?.stop();
    // A record is kept for a day; what was told is known for longer.
    await redis.del(redisKeys.jobRecord(ran[0]?.id ?? ''));
    await lead();
    await publish(redis, event(4));
    await expect.poll(() => ran.map((job) => job.event?.sequence), patience).toEqual([3, 4]);
  });

  it('that is malformed is dead-lettered with the reason, and the rest flows', async () => {
    await createListeningPlugin(client, namespace, 'p');
    const { ran } = await executor('i1');
    await redis.xadd(redisKeys.hotplugStream, '*', 'nonsense', '1');
    await publish(redis, event(1));
    await redis.xadd(redisKeys.resultStream, '*', 'result', '{}');
    await lead();
    await expect.poll(() => ran, patience).toHaveLength(1);
    await expect.poll(() => pluginEvents(client, namespace), patience).toEqual(['PluginSucceeded']);
    const [[, letter] = ['', []]] = await redis.xrange(redisKeys.hotplugDeadLetters, '-', '+');
    expect(letter).toEqual(expect.arrayContaining(['code', 'AW_EVENT_MALFORMED', 'reason']));
    expect(await redis.xlen(redisKeys.hotplugDeadLetters)).toBe(1);
    expect(await redis.xlen(redisKeys.resultDeadLetters)).toBeGreaterThan(0);
  });

  it('runs again at once when the executor dies under it and comes back', async () => {
    await createListeningPlugin(client, namespace, 'p');
    const first = await executor('i1', () => new Promise(() => {}));
    await lead();
    await publish(redis, event(1));
    await publish(redis, event(2));
    await expect.poll(() => redis.llen(`bull:lane-${node}:active`), patience).toBe(1);
    await first.die();
    const { ran } = await executor('i2');
    await expect.poll(() => ran.map((job) => job.event?.sequence), { ...patience, timeout: 8_000 }).toEqual([1, 2]);
  });

  it('survives that Redis is killed again and again', async () => {
    await createListeningPlugin(client, namespace, 'p');
    const { ran } = await executor('i1');
    await lead();
    for (const round of [0, 1, 2]) {
      for (let index = 1; index <= 10; index++) await publish(redis, event(round * 10 + index));
      await server.kill();
      await server.start();
    }
    const sequences = Array.from({ length: 30 }, (_, index) => index + 1);
    await expect.poll(() => distinct(ran), { ...patience, timeout: 40_000 }).toEqual(sequences);
    await expect.poll(() => redis.hget(redisKeys.pluginCounters(namespace, 'p'), 'succeeded'), patience).toBe('30');
    await expect.poll(() => pluginEvents(client, namespace), patience).toHaveLength(30);
    await expect.poll(isQuiet, patience).toBe(true);
  });
});

/** A hook may run again when Redis dies between its end and its record. */
function distinct(ran: readonly LaneJob[]): readonly (number | undefined)[] {
  return [...new Set(ran.map((job) => job.event?.sequence))];
}
