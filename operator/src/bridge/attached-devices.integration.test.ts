import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HotplugAction, HotplugEvent } from '@autoweave/crds';
import { testEvent } from '../router/testing/sample-jobs.ts';
import { AttachedDevices } from './attached-devices.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
let server: RedisServer;
let redis: Redis;
let devices: AttachedDevices;

beforeAll(async () => {
  server = await startRedisServer();
  redis = createRedis({ url: server.url, name: 'test', logger });
  devices = new AttachedDevices(redis);
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(async () => {
  await closeRedis(redis);
  await server.stop();
});

function event(sequence: number, action: HotplugAction, deviceName = 'd'): HotplugEvent {
  return testEvent({ sequence, eventId: `a/0123456789ab/${sequence}`, action, deviceName });
}

async function untold(plugin: string): Promise<readonly number[]> {
  return (await devices.untold(plugin)).map(({ sequence }) => sequence).toSorted((left, right) => left - right);
}

describe('the attached devices', () => {
  it('are told to a plugin once', async () => {
    await devices.follow([{ event: event(1, 'attach'), told: ['p'] }], ['p', 'q']);
    expect(await untold('p')).toEqual([]);
    expect(await untold('q')).toEqual([1]);
    await devices.tell('q', [event(1, 'attach')]);
    expect(await untold('q')).toEqual([]);
  });

  it('are as the last of several transitions left them', async () => {
    const came = [event(1, 'attach'), event(3, 'attach'), event(4, 'attach', 'e'), event(6, 'attach', '')];
    const went = [event(2, 'detach'), event(5, 'detach', 'e')];
    const transitions = [...came, ...went].toSorted((left, right) => left.sequence - right.sequence);
    await devices.follow(
      transitions.map((each) => ({ event: each, told: ['p'] })),
      ['p', 'q'],
    );
    expect(await untold('p')).toEqual([]);
    expect(await untold('q')).toEqual([3]);
  });

  it('are to be told again when they come back', async () => {
    await devices.follow([{ event: event(1, 'attach'), told: ['p'] }], ['p']);
    await devices.follow([{ event: event(2, 'detach'), told: [] }], ['p']);
    await devices.follow([{ event: event(3, 'attach'), told: [] }], ['p']);
    expect(await untold('p')).toEqual([3]);
  });
});
