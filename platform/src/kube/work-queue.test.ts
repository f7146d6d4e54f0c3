import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StalledError, WaitError } from './reconcile-errors.ts';
import { settle, startManualQueue } from './testing/manual-queue.ts';
import type { Pass } from './testing/manual-queue.ts';

describe('a work queue', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('works on a key once, however often it was added', async () => {
    const { queue, runningKeys, start } = startManualQueue({ started: false });
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect(queue.depth).toBe(2);
    start();
    await settle();
    expect(runningKeys()).toEqual(['a', 'b']);
  });

  it('never runs one key twice at once, and runs it again when it was added meanwhile', async () => {
    const { queue, running, runningKeys, history } = startManualQueue();
    queue.add('a');
    await settle();
    queue.add('a');
    queue.add('a');
    await settle();
    expect(runningKeys()).toEqual(['a']);
    await running[0]?.end();
    expect(runningKeys()).toEqual(['a']);
    await running[0]?.end();
    expect(history).toEqual(['a', 'a']);
  });

  it('works on as many keys at once as it may', async () => {
    const { queue, running, runningKeys } = startManualQueue({ concurrency: 2 });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    expect(runningKeys()).toEqual(['a', 'b']);
    expect(queue.depth).toBe(1);
    await running[1]?.end();
    expect(runningKeys()).toEqual(['a', 'c']);
  });

  it('takes the earliest of several times for a key', async () => {
    const { queue, history } = startManualQueue();
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 3_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(history).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(history).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(history).toEqual(['a']);
  });

  it('retries what failed, later each time, and forgets the failures after a success', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { queue, running } = startManualQueue();
    const delays: number[] = [];
    queue.add('a');
    await settle();
    for (let failure = 0; failure < 12; failure += 1) {
      const failedAt = performance.now();
      await running[0]?.fail(new Error('broken'));
      await vi.advanceTimersByTimeAsync(60_000);
      delays.push(Math.round((running[0]?.startedAt ?? 0) - failedAt));
    }
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000]);
    await running[0]?.end();
    queue.add('a');
    await settle();
    await running[0]?.fail(new Error('broken'));
    await vi.advanceTimersByTimeAsync(200);
    expect(running).toHaveLength(1);
    vi.restoreAllMocks();
  });

  it('runs a failed key at once when it changes meanwhile', async () => {
    const { queue, running, runningKeys } = startManualQueue();
    queue.add('a');
    await settle();
    await running[0]?.fail(new Error('broken'));
    expect(runningKeys()).toEqual([]);
    queue.add('a');
    await settle();
    expect(runningKeys()).toEqual(['a']);
  });

  it('does not retry what is stalled until it changes', async () => {
    const { queue, running, history } = startManualQueue();
    queue.add('a');
    await settle();
    await running[0]?.fail(new StalledError('spec is wrong'));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(history).toEqual(['a']);
    queue.add('a');
    await settle();
    expect(history).toEqual(['a', 'a']);
  });

  it.each([
    ['asks to', (pass: Pass | undefined) => pass?.end({ requeueAfterMilliseconds: 700 })],
    ['waits', (pass: Pass | undefined) => pass?.fail(new WaitError(700))],
  ])('comes back to a key that %s, without counting a failure', async (_, finish) => {
    const { queue, metrics, running, history } = startManualQueue();
    queue.add('a');
    await settle();
    await finish(running[0]);
    await vi.advanceTimersByTimeAsync(699);
    expect(history).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(history).toEqual(['a', 'a']);
    expect(metrics.render()).toContain('autoweave_workqueue_retries_total{queue="test"} 0');
  });

  it('tells a pass that takes too long to end', async () => {
    const { queue, running } = startManualQueue();
    queue.add('a');
    await vi.advanceTimersByTimeAsync(89_999);
    expect(running[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(running[0]?.signal.aborted).toBe(true);
  });

  it('lets what is under way end when it stops, and starts nothing more', async () => {
    const { queue, running, history } = startManualQueue({ concurrency: 1 });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await settle();
    queue.add('a');
    let stopped = false;
    const stopping = queue.stop({ graceMilliseconds: 1000 }).then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(500);
    expect(stopped).toBe(false);
    expect(running[0]?.signal.aborted).toBe(false);
    await running[0]?.end();
    await stopping;
    queue.add('d');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(history).toEqual(['a']);
    await queue.stop();
  });

  it('aborts what has not ended after the grace period', async () => {
    const { queue, running } = startManualQueue();
    queue.add('a');
    await settle();
    const stopping = queue.stop({ graceMilliseconds: 1000 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(running[0]?.signal.aborted).toBe(true);
    await running[0]?.fail(running[0].signal.reason);
    await stopping;
  });

  it('is started once', () => {
    const { start } = startManualQueue();
    expect(start).toThrow('started once');
  });

  it('counts how passes end', async () => {
    const { queue, metrics, running } = startManualQueue();
    for (const how of ['end', 'fail'] as const) {
      queue.add('a');
      await settle();
      await running[0]?.[how]({});
    }
    const text = metrics.render();
    expect(text).toContain('autoweave_workqueue_reconciles_total{queue="test",outcome="success"} 1');
    expect(text).toContain('autoweave_workqueue_reconciles_total{queue="test",outcome="error"} 1');
    expect(text).toContain('autoweave_workqueue_retries_total{queue="test"} 1');
    expect(text).toContain('autoweave_workqueue_depth_keys{queue="test"} 0');
  });
});
