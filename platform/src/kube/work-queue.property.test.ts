import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startManualQueue } from './testing/manual-queue.ts';
import { QueueObserver, queueStep } from './testing/queue-observer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it('a work queue excludes by key, bounds what runs and loses no addition, whatever happens in which order', async () => {
  const steps = fc.array(queueStep, { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (performed, concurrency) => {
      const manual = startManualQueue({ concurrency });
      const observer = new QueueObserver(manual, concurrency);
      for (const step of performed) await observer.perform(step);
      await observer.drain();
      expect(observer.violations).toEqual([]);
      expect(observer.owed).toEqual([]);
      await manual.queue.stop();
    }),
  );
});
