import { leaseName, redisKeys, resources, type AutoWeavePlugin, type HotplugEvent } from '@autoweave/crds';
import { startControlPlane, startRedisServer, type ControlPlane, type RedisServer } from '@autoweave/hack/testing';
import { builtinResources, type KubeClient, type Lease } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testEvent } from './router/testing/sample-jobs.ts';
import { OperatorProcess } from './testing/operator-process.ts';
import { testClient } from './testing/replica.ts';
import { TestExecutor } from './testing/test-executor.ts';
import {
  allowUnsigned,
  createNamespace,
  createPlugin,
  pluginEvents,
  publish,
  readPlugin,
} from './testing/test-objects.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const patience = { timeout: 20_000, interval: 100 };

let plane: ControlPlane;
let server: RedisServer;
let client: KubeClient;
let redis: Redis;
let namespace: string;
let counter = 0;
let published = 0;
const replicas: OperatorProcess[] = [];

beforeAll(async () => {
  [plane, server] = await Promise.all([startControlPlane(), startRedisServer()]);
  client = await testClient(plane.kubeconfigPath);
});
afterAll(async () => {
  await Promise.all([plane?.stop(), server?.stop()]);
});
beforeEach(async () => {
  redis = createRedis({ url: server.url, name: 'test', logger });
  namespace = `operator-${++counter}`;
  await createNamespace(client, namespace);
});
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.end('SIGKILL')));
  await closeRedis(redis);
});

function start(...flags: string[]): OperatorProcess {
  const replica = new OperatorProcess({ kubeconfigPath: plane.kubeconfigPath, redisUrl: server.url, namespace, flags });
  replicas.push(replica);
  return replica;
}

async function startLeader(): Promise<OperatorProcess> {
  const replica = start();
  await expect.poll(() => replica.has('Started leading'), patience).toBe(true);
  return replica;
}

/** A device that was never there before comes. */
function nextEvent(): HotplugEvent {
  published += 1;
  const deviceSignature = published.toString(16).padStart(16, '0');
  const eventId = `a/0123456789ab/${published}`;
  return testEvent({ sequence: published, eventId, deviceName: `046d-c31c-${deviceSignature}`, deviceSignature });
}

/** One more event; resolves when a leader has bridged it. */
async function bridgeOne(timeout = patience.timeout): Promise<void> {
  const event = nextEvent();
  const { deviceName } = event;
  await publish(redis, event);
  await expect
    .poll(() => redis.hexists(redisKeys.attachedDevices, `a/${deviceName}`), { ...patience, timeout })
    .toBe(1);
}

async function readiness(replica: OperatorProcess): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`http://127.0.0.1:${replica.port}/readyz?verbose`);
  return { status: response.status, text: await response.text() };
}

describe('two replicas of the operator', () => {
  it('have one leader; when it is killed the other takes over where it was', async () => {
    const first = await startLeader();
    const second = start();
    await expect.poll(() => second.port, patience).toBeGreaterThan(0);
    await bridgeOne();
    expect(second.has('Bridged an event')).toBe(false);
    await first.end('SIGKILL');
    await bridgeOne();
    expect(second.has('Started leading')).toBe(true);
    expect(second.has('Bridged an event')).toBe(true);
  });

  it('hand over at once when the leader is told to stop', async () => {
    const first = await startLeader();
    const second = start();
    await expect.poll(() => second.port, patience).toBeGreaterThan(0);
    const stoppedAt = performance.now();
    expect(await first.end('SIGTERM')).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    await bridgeOne();
    expect(second.has('Started leading')).toBe(true);
  });
});

describe('a plugin under a replica of the operator', () => {
  let blocking: Redis;
  let executor: TestExecutor;
  beforeEach(async () => {
    blocking = createRedis({ url: server.url, name: 'executor', logger, blocking: true });
    executor = await new TestExecutor({ node: 'a', instance: 'a1', redis: blocking }).start();
  });
  afterEach(async () => {
    await client.delete(resources.autoWeavePlugin, { namespace, name: 'inventory' });
    await executor.stop();
    await closeRedis(blocking);
  });

  async function status(): Promise<AutoWeavePlugin['status']> {
    return (await readPlugin(client, namespace, 'inventory'))?.status;
  }

  async function runPlugin(): Promise<void> {
    await allowUnsigned(client, namespace);
    await createPlugin(client, namespace, 'inventory');
    await expect.poll(async () => (await status())?.phase, patience).toBe('Running');
  }

  function toldEvents(): readonly number[] {
    return executor.ran.flatMap(({ event }) => event?.sequence ?? []);
  }

  it('goes from its source to Running, is told an event once, and shows the result', async () => {
    await startLeader();
    await runPlugin();
    await bridgeOne();
    await expect.poll(toldEvents, patience).toEqual([published]);
    await expect
      .poll(async () => (await status())?.results?.last?.[0], patience)
      .toMatchObject({ type: 'usb.attach', node: 'a', state: 'Succeeded' });
    const hook = executor.ran.find(({ event }) => event !== undefined);
    expect(await redis.exists(redisKeys.bundle(hook?.revision.bundleDigest ?? ''))).toBe(1);
  });

  it('is told every event once while leaders are killed', { timeout: 120_000 }, async () => {
    const [rounds, burst] = [3, 40];
    let leader = await startLeader();
    await runPlugin();
    const first = published + 1;
    for (let round = 0; round < rounds; round++) {
      for (let index = 0; index < burst; index++) await publish(redis, nextEvent());
      await expect.poll(() => toldEvents().length, { ...patience, interval: 1 }).toBeGreaterThan(round * burst + 5);
      await leader.end('SIGKILL');
      leader = await startLeader();
    }
    const all = Array.from({ length: rounds * burst }, (_, index) => first + index);
    await expect.poll(() => toldEvents().length, patience).toBe(all.length);
    await expect.poll(() => redis.smembers(redisKeys.waitingRooms), patience).toEqual([]);
    expect(toldEvents().toSorted((left, right) => left - right)).toEqual(all);
    await expect.poll(async () => (await status())?.results?.succeeded, patience).toBe(all.length);
    const succeeded = async () =>
      (await pluginEvents(client, namespace)).filter((reason) => reason === 'PluginSucceeded').length;
    await expect.poll(succeeded, patience).toBe(all.length);
  });
});

describe('a replica of the operator', () => {
  it('stays up without Redis, says so, and goes on when it returns', async () => {
    await server.kill();
    const replica = await startLeader();
    await expect.poll(async () => (await readiness(replica)).text, patience).toContain('[-]redis failed');
    expect((await readiness(replica)).status).toBe(503);
    await server.start();
    await expect.poll(async () => (await readiness(replica)).status, patience).toBe(200);
    await bridgeOne();
    await server.kill();
    await expect.poll(async () => (await readiness(replica)).text, patience).toContain('[-]redis failed');
    await server.start();
    await bridgeOne();
    expect(replica.lines.filter((line) => line.includes('Started leading'))).toHaveLength(1);
  });

  it('stops cleanly while Redis is away', async () => {
    const replica = await startLeader();
    await bridgeOne();
    await server.kill();
    const stoppedAt = performance.now();
    expect(await replica.end('SIGTERM')).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    await server.start();
  });

  it('waits for the API server at its start, and ends when it loses the leadership', { timeout: 120_000 }, async () => {
    await plane.killApiServer();
    // A server that has just started on a busy machine may take longer for a renewal than a short lease allows.
    const replica = start('--lease-seconds=15');
    await expect.poll(() => replica.port, patience).toBeGreaterThan(0);
    expect((await readiness(replica)).text).toContain('[-]informer-plugins failed');
    await plane.startApiServer();
    await expect.poll(() => replica.has('Started leading'), { ...patience, timeout: 40_000 }).toBe(true);
    // The informers may be in a long pause between two attempts.
    await bridgeOne(40_000);
    const lease = await client.get<Lease>(builtinResources.lease, { namespace, name: leaseName });
    await client.update<Lease>(
      builtinResources.lease,
      { metadata: lease?.metadata ?? { name: leaseName }, spec: { ...lease?.spec, holderIdentity: 'another' } },
      {},
    );
    await expect.poll(() => replica.has('Lost the leadership'), patience).toBe(true);
    expect(await replica.end('SIGTERM')).toBe(1);
  });

  it('ends with the name of the setting that is wrong', async () => {
    const replica = start('--lane-window=many');
    await expect.poll(() => replica.lines.join('\n'), patience).toContain('--lane-window (AW_LANE_WINDOW) is "many"');
    expect(await replica.end('SIGTERM')).toBe(2);
  });
});
