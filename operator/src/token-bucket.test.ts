import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('a token bucket', () => {
  it('lets a burst through, then as many as flow in', () => {
    let now = 0;
    const bucket = new TokenBucket({ burst: 2, perSecond: 1, now: () => now });
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    now = 1_000;
    expect(bucket.isEmpty).toBe(false);
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  });
});
