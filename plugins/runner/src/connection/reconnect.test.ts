import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reconnect, retryMilliseconds } from './reconnect.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('dialling again', () => {
  it('comes soon, then later, and at least every five seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const wait = retryMilliseconds(failures, () => random);
          expect(wait).toBeGreaterThanOrEqual(50);
          expect(wait).toBeLessThanOrEqual(Math.min(5000, 100 * 2 ** (failures - 1)));
        },
      ),
    );
  });

  it('goes on until it is aborted, whatever goes wrong', async () => {
    const over = new AbortController();
    const lost: (string | undefined)[] = [];
    let dials = 0;
    const done = reconnect(
      async () => {
        dials += 1;
        if (dials === 1) throw new Error('no token');
        return { welcomed: dials === 2 };
      },
      { signal: over.signal, lost: ({ reason }) => lost.push(reason?.message) },
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lost.slice(0, 3)).toEqual(['no token', undefined, undefined]);
    over.abort();
    await vi.advanceTimersByTimeAsync(0);
    await done;
  });

  it('does not storm an executor that welcomes it and hangs up', async () => {
    const over = new AbortController();
    let dials = 0;
    const dial = async (): Promise<{ welcomed: boolean }> => {
      dials += 1;
      return { welcomed: true };
    };
    const done = reconnect(dial, { signal: over.signal, lost: () => undefined });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(dials).toBeLessThan(35);
    over.abort();
    await vi.advanceTimersByTimeAsync(0);
    await done;
  });

  it('is soon again after a connection that lived', async () => {
    const over = new AbortController();
    const waits: number[] = [];
    const dial = async (): Promise<{ welcomed: boolean }> => {
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      return { welcomed: true };
    };
    const done = reconnect(dial, { signal: over.signal, lost: (_, wait) => waits.push(wait) });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(waits.length).toBeGreaterThan(3);
    expect(Math.max(...waits)).toBeLessThanOrEqual(100);
    over.abort();
    await vi.advanceTimersByTimeAsync(100_000);
    await done;
  });
});
