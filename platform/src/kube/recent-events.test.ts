import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecentEvents } from './recent-events.ts';

describe('recent events', () => {
  const written: [string, number][] = [];
  const recentEvents = (maximumEntries = 1000) =>
    new RecentEvents<string>({
      intervalMilliseconds: 10_000,
      maximumEntries,
      write: async ({ event, count }) => void written.push([event, count]),
    });

  beforeEach(() => {
    vi.useFakeTimers();
    written.length = 0;
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('are not repetitions the first time', () => {
    expect(recentEvents().repeat('a')).toBe(false);
  });

  it('are counted, and the count is written at most once per interval', async () => {
    const recent = recentEvents();
    recent.add('a', 'A');
    for (let times = 0; times < 5; times += 1) expect(recent.repeat('a')).toBe(true);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(written).toEqual([['A', 6]]);
    recent.repeat('a');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written).toEqual([
      ['A', 6],
      ['A', 7],
    ]);
  });

  it('are new again after a while', async () => {
    const recent = recentEvents();
    recent.add('a', 'A');
    await vi.advanceTimersByTimeAsync(360_001);
    expect(recent.repeat('a')).toBe(false);
  });

  it('are bounded; the longest unrepeated is forgotten, with its count written', async () => {
    const recent = recentEvents(2);
    recent.add('a', 'A');
    recent.repeat('a');
    recent.add('b', 'B');
    recent.repeat('a');
    recent.add('c', 'C');
    expect(recent.repeat('b')).toBe(false);
    recent.add('d', 'D');
    expect(written).toEqual([['A', 3]]);
    expect(recent.repeat('c')).toBe(true);
  });

  it('write what is left when they stop', async () => {
    const recent = recentEvents();
    recent.add('a', 'A');
    recent.add('b', 'B');
    recent.repeat('a');
    await recent.stop();
    expect(written).toEqual([['A', 2]]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written).toHaveLength(1);
  });
});
