import { describe, expect, it } from 'vitest';
import { LaneWindows, shareKey } from './lane-windows.ts';

const plugin = 'default/p';

async function windowsOf(limit: number, unfinished: readonly string[]): Promise<LaneWindows> {
  const windows = new LaneWindows(limit);
  await windows.refresh('a', async () => unfinished);
  return windows;
}

describe('the windows of the lanes', () => {
  it('give nothing to a lane that was never read', () => {
    const windows = new LaneWindows(2);
    windows.take('a', 'j1', plugin);
    expect(windows.knows('a')).toBe(false);
    expect(windows.places().free.get('a')).toBeUndefined();
  });

  it('count a job once, from its release to its result', async () => {
    const windows = await windowsOf(3, ['j1']);
    windows.take('a', 'j1', plugin);
    windows.take('a', 'j2', plugin);
    expect(windows.places().free.get('a')).toBe(1);
    windows.give('a', 'j1');
    windows.give('a', 'j1');
    expect(windows.places().free.get('a')).toBe(2);
  });

  it('are set right by what Redis holds, but for what was released while it was read', async () => {
    const windows = await windowsOf(3, ['gone', 'stays']);
    await windows.refresh('a', async () => {
      windows.take('a', 'new', plugin);
      return ['stays'];
    });
    expect(windows.places().free.get('a')).toBe(1);
  });

  it('wake the room that waited longest, one a place', async () => {
    const windows = await windowsOf(1, ['j1']);
    windows.waitForPlace(new Set(['a']), 'first');
    windows.waitForPlace(new Set(['a']), 'second');
    windows.waitForPlace(new Set(['a']), 'first');
    expect(windows.give('a', 'j1')).toEqual(['first']);
    expect(await windows.refresh('a', async () => [])).toEqual(['second']);
    expect(windows.give('a', 'j2')).toEqual([]);
  });

  it('wake no room that waits for a place no longer', async () => {
    const windows = await windowsOf(1, ['j1']);
    windows.waitForPlace(new Set(['a']), 'first');
    windows.waitForPlace(new Set(['a']), 'second');
    windows.waitForPlace(new Set(), 'first');
    expect(windows.give('a', 'j1')).toEqual(['second']);
  });

  it('wake nobody for a lane that is full still', async () => {
    const windows = await windowsOf(1, ['j1']);
    windows.waitForPlace(new Set(['a']), 'room');
    expect(await windows.refresh('a', async () => ['j2'])).toEqual([]);
  });

  it('give a plugin half of a lane, and wake who waits for that when one of its jobs ends', async () => {
    const windows = await windowsOf(4, []);
    windows.take('a', 'j1', plugin);
    windows.take('a', 'j2', plugin);
    windows.take('a', 'k1', 'default/q');
    expect(windows.places()).toMatchObject({
      share: 2,
      held: new Map([
        ['a default/p', 2],
        ['a default/q', 1],
      ]),
    });
    windows.waitForPlace(new Set([shareKey('a', plugin)]), 'room');
    expect(windows.give('a', 'k1')).toEqual([]);
    expect(windows.give('a', 'j1')).toEqual(['room']);
  });

  it('wake who waits for a share that was found free', async () => {
    const windows = await windowsOf(2, []);
    windows.take('a', 'j1', plugin);
    windows.waitForPlace(new Set([shareKey('a', plugin)]), 'room');
    expect(await windows.refresh('a', async () => ['j1'])).toEqual([]);
    expect(await windows.refresh('a', async () => [])).toEqual(['room']);
  });
});
