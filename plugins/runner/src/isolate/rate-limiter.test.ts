import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

describe('a rate limiter', () => {
  it('lets a burst pass, then so many a second, and counts what it refuses', () => {
    let now = 0;
    const limiter = new RateLimiter({ perSecond: 10, burst: 3, now: () => now });
    const taken = Array.from({ length: 5 }, () => limiter.take());
    expect(taken).toEqual([true, true, true, false, false]);
    expect([limiter.takeRefused(), limiter.takeRefused()]).toEqual([2, 0]);
    now = 100;
    expect([limiter.take(), limiter.take()]).toEqual([true, false]);
  });

  it('never lets more pass than burst and rate allow, whenever it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 })), (pauses) => {
        let now = 0;
        let passed = 0;
        const limiter = new RateLimiter({ perSecond: 20, burst: 5, now: () => now });
        for (const pause of pauses) {
          now += pause;
          if (limiter.take()) passed += 1;
          expect(passed).toBeLessThanOrEqual(5 + (now / 1000) * 20);
        }
      }),
    );
  });
});
