import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMilliseconds } from './backoff.ts';

const bounds = { firstMilliseconds: 200, longestMilliseconds: 30_000 };

describe('a back-off', () => {
  it('doubles up to its longest', () => {
    const delays = [1, 2, 3, 8, 9, 1000].map((failures) => backoffMilliseconds(failures, bounds, () => 1));
    expect(delays).toEqual([200, 400, 800, 25_600, 30_000, 30_000]);
  });

  it('is spread over the upper half', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const full = backoffMilliseconds(failures, bounds, () => 1);
          const delay = backoffMilliseconds(failures, bounds, () => random);
          expect(delay).toBeGreaterThanOrEqual(full / 2);
          expect(delay).toBeLessThanOrEqual(full);
        },
      ),
    );
  });
});
