import { describe, expect, it } from 'vitest';
import type { HotplugEvent } from '@autoweave/crds';
import { shedEntries } from './shed-entries.ts';

const entries = [1, 2, 3, 4, 5, 6].map((position) => ({ position, event: {} as HotplugEvent }));

function keptPositions(limit: number, acknowledged: number, lastOfDevice: number[]): number[] {
  const options = { limit, acknowledged, lastOfDevice: new Set(lastOfDevice) };
  return shedEntries(entries, options).map((entry) => entry.position);
}

describe('shedding entries', () => {
  it('keeps all when there is room', () => {
    expect(keptPositions(6, 0, [])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('drops what the stream has first', () => {
    expect(keptPositions(4, 3, [1, 2, 3])).toEqual([3, 4, 5, 6]);
  });

  it('drops superseded entries before the last one of a device', () => {
    expect(keptPositions(3, 0, [1, 3])).toEqual([1, 3, 6]);
  });

  it('drops the oldest when every entry is the last of its device', () => {
    expect(keptPositions(2, 0, [1, 2, 3, 4, 5, 6])).toEqual([5, 6]);
  });
});
