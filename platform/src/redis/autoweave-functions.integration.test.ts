import { randomUUID } from 'node:crypto';
import {
  autoweaveLibrary,
  hotplugAppendCall,
  hotplugMarkCall,
  parseHotplugAppendReply,
  parseHotplugMark,
  parsePluginCounters,
  parseResultRecordReply,
  parseResultsKnown,
  redisKeys,
  resultRecordCall,
  resultsKnownCall,
  type HotplugAppend,
  type HotplugAppendReply,
  type HotplugMark,
  type JobResult,
} from '@autoweave/crds';
import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../telemetry/index.ts';
import { startReplyDroppingProxy } from './testing/reply-dropping-proxy.ts';
import { callFunction, closeRedis, createRedis, loadFunctionLibrary, type Redis } from './index.ts';

const library = autoweaveLibrary();
const logger = createLogger({ name: 'test', level: 'silent' });
let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedisServer();
  redis = createRedis({ url: server.url, name: 'functions-test', logger });
  await loadFunctionLibrary(redis, library);
});

beforeEach(async () => {
  await redis.flushall();
});

afterAll(async () => {
  await closeRedis(redis);
  await server.stop();
});

async function append(given: Partial<HotplugAppend>, connection = redis): Promise<HotplugAppendReply> {
  const sequence = given.sequence ?? 1;
  const call = hotplugAppendCall({
    node: 'node-1',
    epoch: 'e1',
    sequence,
    maximumLength: 1000,
    allowJump: false,
    fields: { sequence: String(sequence) },
    ...given,
  });
  return parseHotplugAppendReply(await callFunction(connection, library, call));
}

async function mark(node = 'node-1'): Promise<HotplugMark | undefined> {
  return parseHotplugMark(await callFunction(redis, library, hotplugMarkCall(node)));
}

async function streamed(): Promise<string[]> {
  const entries = await redis.xrange(redisKeys.hotplugStream, '-', '+');
  return entries.map(([, fields]) => fields.join('='));
}

const appended = { outcome: 'appended', streamId: expect.stringMatching(/^\d+-\d+$/) };

describe('appending to the hotplug stream', () => {
  it('takes exactly the next sequence of a node, once', async () => {
    expect(await mark()).toBeUndefined();
    expect(await append({ sequence: 1 })).toEqual(appended);
    expect(await append({ sequence: 2 })).toEqual(appended);
    expect(await append({ sequence: 2 })).toEqual({ outcome: 'duplicate', mark: { epoch: 'e1', sequence: 2 } });
    expect(await append({ sequence: 1 })).toEqual({ outcome: 'duplicate', mark: { epoch: 'e1', sequence: 2 } });
    expect(await append({ sequence: 4 })).toEqual({ outcome: 'gap', mark: { epoch: 'e1', sequence: 2 } });
    expect(await streamed()).toEqual(['sequence=1', 'sequence=2']);
    expect(await mark()).toEqual({ epoch: 'e1', sequence: 2 });
  });

  it('stores the fields as they are', async () => {
    const fields = { product: 'Käse "@" \u0000\n', serial: '', __proto__x: '1' };
    await append({ fields });
    const [entry] = await redis.xrange(redisKeys.hotplugStream, '-', '+');
    expect(entry?.[1]).toEqual(Object.entries(fields).flat());
  });

  it('jumps over lost events only when allowed, and not far', async () => {
    await append({ sequence: 1 });
    expect(await append({ sequence: 1_000_002, allowJump: true })).toMatchObject({ outcome: 'gap' });
    expect(await append({ sequence: 1_000_001, allowJump: true })).toEqual(appended);
    expect(await append({ sequence: 5, allowJump: true })).toMatchObject({ outcome: 'duplicate' });
  });

  it('begins a new epoch with its first event, or anywhere when allowed to jump', async () => {
    await append({ sequence: 7, allowJump: true });
    expect(await append({ epoch: 'e2', sequence: 2 })).toEqual({ outcome: 'gap', mark: { epoch: 'e1', sequence: 7 } });
    expect(await append({ epoch: 'e2', sequence: 1 })).toEqual(appended);
    expect(await append({ epoch: 'e3', sequence: 9, allowJump: true })).toEqual(appended);
    expect(await mark()).toEqual({ epoch: 'e3', sequence: 9 });
  });

  it('keeps nodes apart', async () => {
    await append({ node: 'node-1', sequence: 1 });
    await append({ node: 'node-2', epoch: 'other', sequence: 41, allowJump: true });
    expect(await append({ node: 'node-1', sequence: 2 })).toEqual(appended);
    expect(await mark('node-2')).toEqual({ epoch: 'other', sequence: 41 });
  });

  it('tells an agent that Redis lost everything, its functions too, and takes what it still has', async () => {
    await append({ sequence: 1 });
    await redis.flushall();
    await redis.function('FLUSH');
    expect(await append({ sequence: 4 })).toEqual({ outcome: 'gap', mark: undefined });
    expect(await append({ sequence: 3, allowJump: true })).toEqual(appended);
    expect(await append({ sequence: 4 })).toEqual(appended);
    expect(await streamed()).toEqual(['sequence=3', 'sequence=4']);
  });

  it('counts beyond what a 32-bit number or a short text would hold', async () => {
    const large = 9_007_199_254_740_000;
    await append({ sequence: large, allowJump: true });
    expect(await append({ sequence: large + 1 })).toEqual(appended);
    expect(await mark()).toEqual({ epoch: 'e1', sequence: large + 1 });
  });

  it('trims the stream to about its maximum length', async () => {
    for (let sequence = 1; sequence <= 500; sequence += 1) await append({ sequence, maximumLength: 100 });
    expect(await redis.xlen(redisKeys.hotplugStream)).toBeLessThanOrEqual(200);
  });

  it.each<Partial<HotplugAppend>>([
    { sequence: 0 },
    { sequence: -1 },
    { sequence: 1.5 },
    { sequence: NaN },
    { epoch: '' },
    { epoch: 'a:b' },
    { fields: {} },
    { maximumLength: -1 },
  ])('refuses %j', async (given) => {
    await expect(append(given)).rejects.toThrow('AWARGUMENTS');
    expect(await streamed()).toEqual([]);
  });

  it("refuses another node's mark", async () => {
    const call = hotplugAppendCall({
      node: 'node-1',
      epoch: 'e1',
      sequence: 1,
      maximumLength: 0,
      allowJump: false,
      fields: { a: 'b' },
    });
    const foreign = { ...call, keys: [redisKeys.hotplugStream, redisKeys.hotplugSequence('node-2')] };
    await expect(callFunction(redis, library, foreign)).rejects.toThrow('not that of the node');
  });

  it('appends once when the reply is lost on its way and the call is repeated', async () => {
    const proxy = await startReplyDroppingProxy(server.port);
    const connection = createRedis({
      url: server.url.replace(`:${server.port}`, `:${proxy.port}`),
      name: 'lossy',
      logger,
    });
    try {
      await append({ sequence: 1 }, connection);
      proxy.dropNextReply();
      expect(await append({ sequence: 2 }, connection)).toEqual({
        outcome: 'duplicate',
        mark: { epoch: 'e1', sequence: 2 },
      });
      expect(await streamed()).toEqual(['sequence=1', 'sequence=2']);
    } finally {
      await closeRedis(connection);
      await proxy.stop();
    }
  });

  it('holds each sequence exactly once and in order, whatever is replayed', async () => {
    const replay = fc.record({ from: fc.integer({ min: 1, max: 30 }), count: fc.integer({ min: 1, max: 12 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(replay, { maxLength: 30 }), async (replays) => {
        await redis.flushall();
        await append({ sequence: 1 });
        for (const { from, count } of replays) {
          // Sent together, as after a reconnect, without waiting for replies.
          await Promise.all(Array.from({ length: count }, (_, index) => append({ sequence: from + index })));
        }
        const last = (await mark())?.sequence ?? 0;
        expect(await streamed()).toEqual(Array.from({ length: last }, (_, index) => `sequence=${index + 1}`));
      }),
      { numRuns: 60 },
    );
  });
});

function result(given: Partial<JobResult> = {}): JobResult {
  return {
    jobId: `job-${randomUUID()}`,
    type: 'usb.attach',
    plugin: { namespace: 'default', name: 'inventory' },
    node: 'node-1',
    state: 'Succeeded',
    startedAt: 1,
    finishedAt: 2,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    ...given,
  };
}

async function record(recorded: JobResult): Promise<'recorded' | 'duplicate'> {
  return parseResultRecordReply(await callFunction(redis, library, resultRecordCall(recorded)));
}

async function counters() {
  return parsePluginCounters(await redis.hgetall(redisKeys.pluginCounters('default', 'inventory')));
}

describe('recording a result', () => {
  it('happens once per job, and keeps the first', async () => {
    const first = result({ value: { seen: 1 } });
    expect(await record(first)).toBe('recorded');
    expect(await record({ ...first, state: 'Failed', code: 'AW_PLUGIN_TIMEOUT' })).toBe('duplicate');
    const kept = await redis.hgetall(redisKeys.jobRecord(first.jobId));
    expect(kept).toEqual({
      state: 'Succeeded',
      result: JSON.stringify(first),
      streamId: expect.stringMatching(/^\d+-\d+$/),
    });
    expect(await redis.xlen(redisKeys.resultStream)).toBe(1);
    expect(await counters()).toEqual({ succeeded: 1, failed: 0, lastJobIds: [first.jobId] });
  });

  it('tells the stream', async () => {
    const told = result({ state: 'Failed', code: 'AW_PLUGIN_THREW' });
    await record(told);
    const [entry] = await redis.xrange(redisKeys.resultStream, '-', '+');
    expect(entry?.[1]).toEqual(['jobId', told.jobId, 'state', 'Failed', 'result', JSON.stringify(told)]);
  });

  it('keeps the record for a day', async () => {
    const kept = result();
    await record(kept);
    expect(await redis.ttl(redisKeys.jobRecord(kept.jobId))).toSatisfy(
      (seconds: number) => seconds > 86_000 && seconds <= 86_400,
    );
  });

  it('leaves no record of a job that was handed back, which may then run elsewhere', async () => {
    const job = result({ state: 'HandedBack' });
    expect(await record(job)).toBe('recorded');
    expect(await record(job)).toBe('recorded');
    expect(await redis.exists(redisKeys.jobRecord(job.jobId))).toBe(0);
    expect(await record({ ...job, state: 'Succeeded' })).toBe('recorded');
    expect(await record(job)).toBe('duplicate');
    expect(await redis.xlen(redisKeys.resultStream)).toBe(3);
    expect(await counters()).toMatchObject({ succeeded: 1, failed: 0 });
  });

  it('counts hooks, not loads and unloads', async () => {
    await record(result({ type: 'plugin.load' }));
    await record(result({ type: 'plugin.unload', state: 'Failed' }));
    await record(result({ type: 'plugin.job', state: 'Failed' }));
    expect(await counters()).toMatchObject({ succeeded: 0, failed: 1 });
  });

  it('remembers the last ten jobs, the newest first', async () => {
    const jobs = Array.from({ length: 14 }, (_, index) => result({ jobId: `job-${index}` }));
    for (const job of jobs) await record(job);
    expect((await counters()).lastJobIds).toEqual(
      jobs
        .map(({ jobId }) => jobId)
        .toReversed()
        .slice(0, 10),
    );
  });

  it('counts exactly when several executors record at once, some of them twice', async () => {
    const connections = Array.from({ length: 4 }, () => createRedis({ url: server.url, name: 'recorder', logger }));
    const jobs = Array.from({ length: 300 }, (_, index) => result({ state: index % 3 === 0 ? 'Failed' : 'Succeeded' }));
    const outcomes = await Promise.all(
      connections.flatMap((connection) =>
        jobs.map(async (job) => parseResultRecordReply(await callFunction(connection, library, resultRecordCall(job)))),
      ),
    );
    await Promise.all(connections.map(closeRedis));
    expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(300);
    expect(await counters()).toMatchObject({ succeeded: 200, failed: 100 });
    expect(await redis.xlen(redisKeys.resultStream)).toBe(300);
  });

  it('is told of each job', async () => {
    const [known, handedBack] = [result(), result({ state: 'HandedBack' })];
    await record(known);
    await record(handedBack);
    const call = resultsKnownCall(['nothing', known.jobId, handedBack.jobId]);
    expect(parseResultsKnown(await callFunction(redis, library, call))).toEqual([false, true, false]);
  });

  it('refuses a state that it does not know', async () => {
    await expect(record(result({ state: 'Running' as 'Failed' }))).rejects.toThrow('AWARGUMENTS');
  });
});
