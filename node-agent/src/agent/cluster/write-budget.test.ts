import { describe, expect, it } from 'vitest';
import { WriteBudget } from './write-budget.ts';

function budgetAt(
  clock: { now: number },
  options = { burst: 3, perSecond: 1, spacingMilliseconds: 1000 },
): WriteBudget {
  return new WriteBudget({ ...options, now: () => clock.now });
}

describe('a write budget', () => {
  it('lets a burst through at once and then hands out turns in the order of asking', () => {
    const budget = budgetAt({ now: 0 });
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => budget.take(key))).toEqual([0, 0, 0, 1000, 2000]);
  });

  it('keeps the turn of whoever waits, however often it asks', () => {
    const clock = { now: 0 };
    const budget = budgetAt(clock);
    for (const key of ['a', 'b', 'c', 'd']) budget.take(key);
    clock.now = 400;
    expect([budget.take('d'), budget.take('d'), budget.take('d')]).toEqual([600, 600, 600]);
    clock.now = 1000;
    expect(budget.take('d')).toBe(0);
  });

  it('spaces writes of one object', () => {
    const clock = { now: 0 };
    const budget = budgetAt(clock);
    expect(budget.take('a')).toBe(0);
    clock.now = 300;
    expect(budget.take('a')).toBe(700);
    clock.now = 1000;
    expect(budget.take('a')).toBe(0);
  });

  it('fills up again while it is quiet, up to the burst', () => {
    const clock = { now: 0 };
    const budget = budgetAt(clock);
    for (const key of ['a', 'b', 'c']) budget.take(key);
    clock.now = 60_000;
    expect(['d', 'e', 'f', 'g'].map((key) => budget.take(key))).toEqual([0, 0, 0, 1000]);
  });

  it('forgets the turn of a key that has nothing to write any more', () => {
    const clock = { now: 0 };
    const budget = budgetAt(clock);
    for (const key of ['a', 'b', 'c', 'd']) budget.take(key);
    budget.forget('d');
    expect(budget.take('d')).toBe(2000);
  });
});
