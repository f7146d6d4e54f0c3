import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SerialQueue } from './serial-queue.ts';

describe('a serial queue', () => {
  it('runs the work of one key in order and one at a time, and different keys at once', async () => {
    const works = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean() }));
    await fc.assert(
      fc.asyncProperty(works, fc.scheduler(), async (plans, scheduler) => {
        const queue = new SerialQueue();
        const running = new Set<string>();
        const done = new Map<string, number[]>();
        const results = plans.map(({ key, fails }, index) =>
          queue.run(key, async () => {
            expect(running.has(key)).toBe(false);
            running.add(key);
            await scheduler.schedule(Promise.resolve());
            running.delete(key);
            done.set(key, [...(done.get(key) ?? []), index]);
            if (fails) throw new Error(`no ${index}`);
            return index;
          }),
        );
        const settled = Promise.allSettled(results);
        await scheduler.waitFor(settled);
        for (const order of done.values()) expect(order).toEqual(order.toSorted((one, other) => one - other));
        const outcomes = (await settled).map(({ status }) => status === 'rejected');
        expect(outcomes).toEqual(plans.map(({ fails }) => fails));
      }),
    );
  });
});
