import { queues, redisKeys, resources } from '@autoweave/crds';
import { startControlPlane, startRedisServer, type ControlPlane, type RedisServer } from '@autoweave/hack/testing';
import type { KubeClient } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { Queue, QueueEvents } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testEvent } from '../router/testing/sample-jobs.ts';
import { Replica, testClient } from '../testing/replica.ts';
import { TestExecutor, type TestExecutorOptions } from '../testing/test-executor.ts';
import { createListeningPlugin, createNamespace, placeDevice } from '../testing/test-objects.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const patience = { timeout: 20_000, interval: 50 };
const namespace = 'open-door';
const plugin = { namespace, name: 'p' };
const device = testEvent();

let plane: ControlPlane;
let server: RedisServer;
let client: KubeClient;
let redis: Redis;
let blocking: Redis;
let queue: Queue;
let events: QueueEvents;
let replica: Replica;
const executors: TestExecutor[] = [];

beforeAll(async () => {
  [plane, server] = await Promise.all([startControlPlane(), startRedisServer()]);
  client = await testClient(plane.kubeconfigPath);
  await createNamespace(client, namespace);
  await createListeningPlugin(client, namespace, 'p');
});
afterAll(async () => {
  await Promise.all([plane?.stop(), server?.stop()]);
});
beforeEach(async () => {
  await placeDevice(client, device, ['a']);
  redis = createRedis({ url: server.url, name: 'client', logger });
  blocking = createRedis({ url: server.url, name: 'executor', logger, blocking: true });
  queue = new Queue('plugin-jobs', { connection: redis });
  events = new QueueEvents('plugin-jobs', { connection: blocking });
  await events.waitUntilReady();
  replica = await new Replica(client, server.url).start();
});
afterEach(async () => {
  await replica.stop();
  await Promise.all(executors.splice(0).map((running) => running.stop()));
  await Promise.all([queue.close(), events.close()]);
  await redis.flushall();
  await Promise.all([closeRedis(redis), closeRedis(blocking)]);
});

async function executor(node: string, run?: TestExecutorOptions['run']): Promise<TestExecutor> {
  const options = { node, instance: `${node}1`, redis: blocking, ...(run === undefined ? {} : { run }) };
  const started = await new TestExecutor(options).start();
  executors.push(started);
  return started;
}

/** What any BullMQ client does. */
async function submit(
  data: unknown,
  options: { readonly jobId?: string; readonly name?: string } = {},
): Promise<unknown> {
  const { name = 'plugin.job', ...rest } = options;
  return (await queue.add(name, data, rest)).waitUntilFinished(events, 20_000);
}

describe('a job that a BullMQ client adds to an open-door queue', () => {
  it('keeps its id, runs where its device is, and has its result in the record', async () => {
    const { ran } = await executor('a');
    const data = { plugin, device: device.deviceName, payload: { n: 1 } };
    expect(await submit(data, { jobId: 'mine' })).toEqual({
      jobId: 'mine',
      room: queues.deviceRoom(device.deviceName),
    });
    await expect.poll(() => ran, patience).toMatchObject([{ id: 'mine', type: 'plugin.job', payload: { n: 1 } }]);
    await expect.poll(() => redis.hget(redisKeys.jobRecord('mine'), 'state'), patience).toBe('Succeeded');
  });

  it('gets an id of queue and number when it has none of its own', async () => {
    const { ran } = await executor('b');
    expect(await submit({ plugin })).toEqual({ jobId: 'plugin-jobs-1', room: queues.pluginRoom(namespace, 'p') });
    await expect.poll(() => ran, patience).toMatchObject([{ id: 'plugin-jobs-1' }]);
  });

  it('does not run again under the id of one that has its result', async () => {
    const { ran } = await executor('a');
    await submit({ plugin }, { jobId: 'once' });
    await expect.poll(() => redis.exists(redisKeys.jobRecord('once')), patience).toBe(1);
    await queue.remove('once');
    expect(await submit({ plugin }, { jobId: 'once' })).toMatchObject({ jobId: 'once', duplicate: true });
    expect(ran).toHaveLength(1);
  });

  it('finds its device by alias, and is refused for one that nobody has seen', async () => {
    const metadata = { name: device.deviceName };
    const manager = { fieldManager: 'people', force: true };
    await client.apply(resources.usbDevice, { metadata, spec: { alias: 'scanner' } }, manager);
    const named = () => submit({ plugin, device: 'scanner' }).catch(String);
    await expect.poll(named, patience).toMatchObject({ room: queues.deviceRoom(device.deviceName) });
    await expect(submit({ plugin, device: 'nothing' })).rejects.toThrow(
      'AW_JOB_INVALID: device is "nothing": no UsbDevice has this name or alias',
    );
    await expect(submit({ plugin: { ...plugin, name: 'q' } })).rejects.toThrow('there is no such AutoWeavePlugin');
    await expect(submit({ text: 1 }, { name: 'llm.batch' })).rejects.toThrow('not accepted yet');
  });

  it('follows its device to another node when the executor hands it back', async () => {
    const first = await executor('a', async () => 'HandedBack');
    const second = await executor('b');
    await submit({ plugin, device: device.deviceName }, { jobId: 'moving' });
    await expect.poll(() => first.ran.length, patience).toBeGreaterThan(0);
    await placeDevice(client, device, ['a', 'b']);
    await placeDevice(client, device, ['b']);
    await expect.poll(() => second.ran, patience).toMatchObject([{ id: 'moving' }]);
    await expect.poll(() => redis.hget(redisKeys.jobRecord('moving'), 'state'), patience).toBe('Succeeded');
  });

  it('waits while its device is away, without keeping others of the plugin waiting, and expires', async () => {
    const { ran } = await executor('a');
    await placeDevice(client, device, []);
    await submit({ plugin, device: device.deviceName, timeToLiveSeconds: 2 }, { jobId: 'late' });
    await submit({ plugin }, { jobId: 'other' });
    await expect.poll(() => ran.map(({ id }) => id), patience).toEqual(['other']);
    await expect.poll(() => redis.hget(redisKeys.jobRecord('late'), 'state'), patience).toBe('Failed');
    expect(await redis.hget(redisKeys.jobRecord('late'), 'result')).toContain('AW_JOB_EXPIRED');
    await expect.poll(() => redis.smembers(redisKeys.waitingRooms), patience).toEqual([]);
  });

  it('never shares its device with another exclusive one', async () => {
    let running = 0;
    let most = 0;
    const { ran } = await executor('a', async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
    });
    const data = { plugin, device: device.deviceName, exclusive: true };
    await Promise.all(['x1', 'x2', 'x3', 'x4'].map((jobId) => submit(data, { jobId })));
    await expect.poll(() => ran, patience).toHaveLength(4);
    expect(most).toBe(1);
  });
});
