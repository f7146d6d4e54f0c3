import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AutoWeaveError } from '../errors/index.ts';
import type { StreamEntry } from './index.ts';
import { numbers, patience, recorder, StreamDesk } from './testing/stream-desk.ts';

let desk: StreamDesk;

beforeAll(async () => {
  desk = await StreamDesk.open();
});

beforeEach(() => desk.begin());

afterEach(() => desk.end());

afterAll(() => desk.close());

function numberOf({ fields }: StreamEntry): string {
  return fields['number'] ?? '';
}

describe('a consumer of a stream group', () => {
  it('handles what was there before it, and what comes, in order, and acknowledges it', async () => {
    await desk.add(1, 2);
    const { handled, handle } = recorder();
    const consumer = desk.consume({ handle });
    await vi.waitFor(() => expect(handled).toEqual(['1', '2']), patience);
    await desk.add(3, 4);
    await vi.waitFor(() => expect(handled).toEqual(['1', '2', '3', '4']), patience);
    await vi.waitFor(async () => expect(await desk.pendingCount()).toBe(0), patience);
    expect(consumer.readiness().check()).toBeUndefined();
    expect(desk.metrics.render()).toContain(`autoweave_stream_handled_entries_total${desk.series} 4`);
  });

  it('passes fields as they are, whatever their names', async () => {
    const seen: StreamEntry[] = [];
    desk.consume({ handle: async (entry) => void seen.push(entry) });
    await desk.redis.xadd(desk.stream, '*', '__proto__', 'a', 'constructor', '', 'ü', 'b"\n');
    await vi.waitFor(() => expect(seen).toHaveLength(1), patience);
    expect(Object.entries(seen[0]?.fields ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', ''],
      ['ü', 'b"\n'],
    ]);
  });

  it('dead-letters a malformed entry at once, with the reason, and goes on', async () => {
    const malformed = new AutoWeaveError('AW_EVENT_MALFORMED', 'sequence is "x"');
    const { attempts, handled, handle } = recorder((number) => (number === '2' ? malformed : undefined));
    desk.consume({ handle });
    await desk.add(1, 2, 3);
    await vi.waitFor(() => expect(handled).toEqual(['1', '3']), patience);
    await vi.waitFor(async () => expect(await desk.pendingCount()).toBe(0), patience);
    expect(attempts).toEqual(['1', '2', '3']);
    expect(await desk.deadLetters()).toEqual([
      {
        stream: desk.stream,
        group: desk.group,
        entryId: expect.stringMatching(/^\d+-\d+$/),
        code: 'AW_EVENT_MALFORMED',
        reason: 'sequence is "x"',
        deliveries: '1',
        deadLetteredAt: expect.stringMatching(/^\d{4}-/),
        fields: '{"number":"2"}',
      },
    ]);
  });

  it('tries poison as often as allowed, then dead-letters it, while the rest flows', async () => {
    const { attempts, handled, handle } = recorder((number) => (number === '2' ? new Error('poison') : undefined));
    desk.consume({ handle, maxDeliveries: 3 });
    await desk.add(1, 2, 3);
    await vi.waitFor(() => expect(handled).toEqual(['1', '3']), patience);
    await vi.waitFor(async () => expect(await desk.deadLetters()).toHaveLength(1), patience);
    await vi.waitFor(async () => expect(await desk.pendingCount()).toBe(0), patience);
    expect(attempts.filter((number) => number === '2')).toHaveLength(3);
    expect(await desk.deadLetters()).toMatchObject([{ code: 'AW_EVENT_POISONED', reason: 'poison', deliveries: '3' }]);
    expect(desk.metrics.render()).toContain(
      `entries_total{stream="${desk.stream}",group="${desk.group}",reason="poisoned"} 1`,
    );
  });

  it('handles an entry that failed once', async () => {
    const { handled, handle } = recorder((number, times) =>
      number === '1' && times < 3 ? new Error('busy') : undefined,
    );
    desk.consume({ handle });
    await desk.add(1, 2);
    await vi.waitFor(() => expect(handled).toEqual(['2', '1']), patience);
    expect(await desk.deadLetters()).toEqual([]);
  });

  it('handles together what it read together, and acknowledges it', async () => {
    await desk.add(1, 2, 3);
    const batches: string[][] = [];
    const { attempts, handle } = recorder();
    desk.consume({ handle, handleBatch: async (entries) => void batches.push(entries.map(numberOf)) });
    await vi.waitFor(() => expect(batches).toEqual([['1', '2', '3']]), patience);
    await desk.add(4);
    await vi.waitFor(() => expect(batches).toEqual([['1', '2', '3'], ['4']]), patience);
    await vi.waitFor(async () => expect(await desk.pendingCount()).toBe(0), patience);
    expect(attempts).toEqual([]);
    expect(desk.metrics.render()).toContain(`autoweave_stream_handled_entries_total${desk.series} 4`);
  });

  it('finds the bad entry of a batch, and handles the others', async () => {
    const malformed = new AutoWeaveError('AW_EVENT_MALFORMED', 'sequence is "x"');
    const { handled, handle } = recorder((number) => (number === '2' ? malformed : undefined));
    await desk.add(1, 2, 3);
    desk.consume({ handle, handleBatch: () => Promise.reject(malformed) });
    await vi.waitFor(() => expect(handled).toEqual(['1', '3']), patience);
    await vi.waitFor(async () => expect(await desk.pendingCount()).toBe(0), patience);
    expect(await desk.deadLetters()).toMatchObject([{ code: 'AW_EVENT_MALFORMED', fields: '{"number":"2"}' }]);
  });

  it('waits for what its handler needs, for as long as it takes and in order, and blames no entry', async () => {
    let away = true;
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { attempts, handled, handle } = recorder(() => (away ? refused : undefined));
    desk.consume({ handle, maxDeliveries: 1 });
    await desk.add(1, 2);
    await vi.waitFor(() => expect(attempts.length).toBeGreaterThan(3), patience);
    expect(new Set(attempts)).toEqual(new Set(['1']));
    away = false;
    await vi.waitFor(() => expect(handled).toEqual(['1', '2']), patience);
    expect(await desk.deadLetters()).toEqual([]);
  });

  it('first finishes what a former process of its name left, in order', async () => {
    await desk.add(1, 2, 3);
    await desk.redis.xgroup('CREATE', desk.stream, desk.group, '0');
    await desk.redis.xreadgroup('GROUP', desk.group, 'consumer-1', 'COUNT', 2, 'STREAMS', desk.stream, '>');
    const { handled, handle } = recorder();
    desk.consume({ handle });
    await vi.waitFor(() => expect(handled).toEqual(['1', '2', '3']), patience);
    await vi.waitFor(async () => expect(await desk.pendingCount()).toBe(0), patience);
  });

  it('takes over what a dead consumer left, and not what a living one works on', async () => {
    await desk.add(1, 2);
    await desk.redis.xgroup('CREATE', desk.stream, desk.group, '0');
    await desk.redis.xreadgroup('GROUP', desk.group, 'dead', 'COUNT', 1, 'STREAMS', desk.stream, '>');
    const { handled, handle } = recorder();
    desk.consume({ handle, claimIdleMilliseconds: 700 });
    await vi.waitFor(() => expect(handled).toEqual(['2']), patience);
    await vi.waitFor(() => expect(handled).toEqual(['2', '1']), patience);
    expect(desk.metrics.render()).toContain(`autoweave_stream_claimed_entries_total${desk.series} 1`);
  });

  it('dead-letters an entry that ends each process that handles it, and blames none behind it', async () => {
    await desk.add(1, 2, 3);
    await desk.redis.xgroup('CREATE', desk.stream, desk.group, '0');
    await desk.redis.xreadgroup('GROUP', desk.group, 'consumer-1', 'STREAMS', desk.stream, '>');
    const [[poison] = ['']] = await desk.redis.xrange(desk.stream, '-', '+', 'COUNT', 1);
    // What four processes leave that die at the first entry.
    for (let death = 0; death < 3; death += 1)
      await desk.redis.xclaim(desk.stream, desk.group, 'consumer-1', 0, poison);
    const { attempts, handle } = recorder();
    desk.consume({ handle, maxDeliveries: 3 });
    await vi.waitFor(() => expect(attempts).toEqual(['2', '3']), patience);
    expect(await desk.deadLetters()).toMatchObject([{ entryId: poison, code: 'AW_EVENT_POISONED', deliveries: '4' }]);
  });

  it('shares the entries with a second consumer: each is handled by one', async () => {
    const first = recorder();
    const second = recorder();
    desk.consume({ handle: first.handle, batch: 5 });
    desk.consume({ handle: second.handle, batch: 5, consumer: 'consumer-2' });
    await desk.add(...numbers(200).map(Number));
    await vi.waitFor(() => expect(first.handled.length + second.handled.length).toBe(200), patience);
    expect(new Set([...first.handled, ...second.handled]).size).toBe(200);
  });

  it('says which entries were trimmed away before it could handle them', async () => {
    await desk.add(1, 2);
    await desk.redis.xgroup('CREATE', desk.stream, desk.group, '0');
    await desk.redis.xreadgroup('GROUP', desk.group, 'consumer-1', 'COUNT', 1, 'STREAMS', desk.stream, '>');
    await desk.redis.xtrim(desk.stream, 'MAXLEN', 1);
    const { handled, handle } = recorder();
    desk.consume({ handle });
    await vi.waitFor(() => expect(handled).toEqual(['2']), patience);
    expect(desk.metrics.render()).toContain(`autoweave_stream_lost_entries_total${desk.series} 1`);
  });

  it('tells how far it is behind', async () => {
    const hold = Promise.withResolvers<undefined>();
    const { handle } = recorder(() => hold.promise);
    await desk.add(1, 2, 3, 4);
    desk.consume({ handle, batch: 1 });
    hold.resolve(undefined);
    await vi.waitFor(
      () => expect(desk.metrics.render()).toMatch(/autoweave_stream_lag_entries\{.*\} [0-4]\n/),
      patience,
    );
  });
});
