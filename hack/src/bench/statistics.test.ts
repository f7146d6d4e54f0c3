import { describe, expect, it } from 'vitest';
import { percentile, percentiles, slopeOf, spread } from './statistics.ts';

describe('statistics', () => {
  it('take percentiles by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentiles(hundred)).toEqual({ p50: 50, p95: 95, p99: 99 });
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('give median and range', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  });

  it('find the slope of a line, and how sure it is', () => {
    const line = Array.from({ length: 20 }, (_, x) => ({ x, y: 5 + 3 * x }));
    expect(slopeOf(line)).toEqual({ slope: 3, upper: 3, lower: 3 });
    const noisy = line.map(({ x, y }) => ({ x, y: y + (x % 2 === 0 ? 1 : -1) }));
    const { slope, upper, lower } = slopeOf(noisy);
    expect(lower).toBeLessThan(3);
    expect(upper).toBeGreaterThan(3);
    expect(slope).toBeCloseTo(3, 1);
  });

  it('do not judge by a few points', () => {
    expect(() => slopeOf([{ x: 0, y: 0 }])).toThrow('means nothing');
  });
});
