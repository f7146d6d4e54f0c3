import { describe, expect, it } from 'vitest';
import { isDeeperThan } from './json-depth.ts';

function nested(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels));
}

describe('the depth of JSON', () => {
  it('counts arrays and objects, and no plain value', () => {
    expect([1, 'text', null].some((value) => isDeeperThan(value, 0))).toBe(false);
    expect(isDeeperThan([], 0)).toBe(true);
    expect(isDeeperThan({ a: [{}] }, 3)).toBe(false);
    expect(isDeeperThan({ a: 1, b: [{}] }, 2)).toBe(true);
  });

  it('is found out for what would end a recursive function', () => {
    expect(isDeeperThan(nested(100_000), 64)).toBe(true);
  });
});
