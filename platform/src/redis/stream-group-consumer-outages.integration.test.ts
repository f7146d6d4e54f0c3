import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { closeRedis, type StreamEntry } from './index.ts';
import { startReplyDroppingProxy } from './testing/reply-dropping-proxy.ts';
import { numbers, patience, recorder, StreamDesk } from './testing/stream-desk.ts';

let desk: StreamDesk;

beforeAll(async () => {
  desk = await StreamDesk.open();
});

beforeEach(() => desk.begin());

afterEach(() => desk.end());

afterAll(() => desk.close());

describe('a consumer of a stream group, when Redis fails', () => {
  it('goes on after FLUSHALL, from the first new entry on', async () => {
    const { handled, handle } = recorder();
    desk.consume({ handle });
    await desk.add(1);
    await vi.waitFor(() => expect(handled).toEqual(['1']), patience);
    await desk.redis.flushall();
    await desk.add(2);
    await vi.waitFor(() => expect(handled).toEqual(['1', '2']), patience);
    await desk.redis.xgroup('DESTROY', desk.stream, desk.group);
    await desk.add(3);
    await vi.waitFor(() => expect(handled.at(-1)).toBe('3'), patience);
  });

  it('handles what it was given on a connection that broke before it heard of it', async () => {
    const proxy = await startReplyDroppingProxy(desk.server.port);
    onTestFinished(() => proxy.stop());
    const { handled, handle } = recorder();
    const lossy = desk.connect(desk.server.url.replace(`:${desk.server.port}`, `:${proxy.port}`));
    desk.consume({ handle, redis: lossy });
    await desk.add(1);
    await vi.waitFor(() => expect(handled).toEqual(['1']), patience);
    for (const number of [2, 4]) {
      proxy.dropNextReply();
      await desk.add(number, number + 1);
      await vi.waitFor(() => expect(handled).toEqual(numbers(number + 1)), patience);
    }
    await vi.waitFor(async () => expect(await desk.pendingCount()).toBe(0), patience);
  });

  it('loses nothing when Redis is killed again and again, and handles each entry at least once', async () => {
    const { handled, handle } = recorder();
    desk.consume({ handle, batch: 7 });
    const written: Promise<unknown>[] = [];
    for (let number = 1; number <= 600; number += 1) {
      written.push(desk.redis.xadd(desk.stream, '*', 'number', number));
      if (number % 150 === 0) {
        await desk.server.kill();
        await desk.server.start();
      } else if (number % 10 === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    await Promise.all(written);
    await vi.waitFor(() => expect(new Set(handled)).toEqual(new Set(numbers(600))), patience);
    await vi.waitFor(async () => expect(await desk.pendingCount()).toBe(0), patience);
    expect(await desk.deadLetters()).toEqual([]);
  });

  it('goes on after Redis stood still for 5 s', async () => {
    const { handled, handle } = recorder();
    desk.consume({ handle });
    await desk.add(1);
    await vi.waitFor(() => expect(handled).toEqual(['1']), patience);
    const processId = Number(/^process_id:(\d+)/m.exec(await desk.redis.info('server'))?.[1]);
    process.kill(processId, 'SIGSTOP');
    const added = desk.add(2);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(handled).toEqual(['1']);
    process.kill(processId, 'SIGCONT');
    await added;
    await vi.waitFor(() => expect(handled).toEqual(['1', '2']), patience);
  });
});

describe('stopping a consumer', () => {
  it('lets the entry in hand end, begins no other, and leaves those pending', async () => {
    const hold = Promise.withResolvers<undefined>();
    const { attempts, handled, handle } = recorder(() => hold.promise);
    await desk.add(1, 2);
    const consumer = desk.consume({ handle });
    await vi.waitFor(() => expect(attempts).toEqual(['1']), patience);
    const stopped = consumer.stop();
    hold.resolve(undefined);
    await stopped;
    expect(handled).toEqual(['1']);
    expect(await desk.pendingCount()).toBe(1);
  });

  it('is quick when there is nothing to do, and can be repeated', async () => {
    const consumer = desk.consume({ handle: recorder().handle });
    await vi.waitFor(() => expect(consumer.readiness().check()).toBeUndefined(), patience);
    const begun = performance.now();
    await consumer.stop();
    await consumer.stop();
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it('does not wait for a Redis that is away', async () => {
    const connection = desk.connect();
    const consumer = desk.consume({ handle: recorder().handle, redis: connection });
    await vi.waitFor(() => expect(consumer.readiness().check()).toBeUndefined(), patience);
    await desk.server.kill();
    await vi.waitFor(() => expect(connection.status).not.toBe('ready'), patience);
    await consumer.stop();
    await closeRedis(connection);
    await desk.server.start();
  });

  it('tells a handler that does not end to give up, and leaves its entry pending', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const handle = async (_: StreamEntry, signal: AbortSignal): Promise<void> => {
      resolve();
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    };
    await desk.add(1);
    const consumer = desk.consume({ handle });
    await promise;
    await consumer.stop();
    expect(await desk.pendingCount()).toBe(1);
  });

  it('is possible before the start', async () => {
    const connection = desk.connect();
    const consumer = desk.makeConsumer({ handle: recorder().handle, redis: connection });
    await consumer.stop();
    expect(consumer.readiness().check()).toBe('not started');
    await closeRedis(connection);
  });
});
