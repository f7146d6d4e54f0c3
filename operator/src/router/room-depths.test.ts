import { describe, expect, it } from 'vitest';
import { RoomDepths } from './room-depths.ts';
import type { RoomAction, RoomJob } from './room-state.ts';
import { testEntry } from './testing/sample-jobs.ts';

const room = 'room-device-x';
const revision = {
  uid: 'u',
  runtime: 'Thread' as const,
  bundleDigest: 'sha256:0',
  memoryMegabytes: 64,
  timeoutSeconds: 30,
};

/** One job for each letter: `w` waits, `c` has a copy. */
function jobs(text: string): readonly RoomJob[] {
  return text.split('').map((letter, index) => ({
    entry: testEntry(`j${index}`),
    recorded: false,
    copy: letter === 'c' ? { node: 'a', state: 'waiting' as const } : undefined,
    plugin: { state: 'ready', revision },
  }));
}

function release(index: number): RoomAction {
  return { type: 'release', id: `j${index}`, node: 'a', revision };
}

describe('how much is read of a waiting room', () => {
  it('is all of it until it was seen to have copies in the head only', () => {
    const depths = new RoomDepths({ head: 2, whole: 100 });
    expect(depths.limit(room)).toBe(100);
    depths.planned(room, { jobs: jobs('wwwc'), actions: [], size: 4 });
    expect(depths.limit(room)).toBe(100);
    depths.planned(room, { jobs: jobs('cwww'), actions: [], size: 4 });
    expect(depths.limit(room)).toBe(2);
    expect(depths.limit('room-device-y')).toBe(100);
  });

  it('is all of it again when something behind the head was released, or when it ran empty', () => {
    const depths = new RoomDepths({ head: 2, whole: 100 });
    depths.planned(room, { jobs: jobs('wwww'), actions: [], size: 4 });
    depths.planned(room, { jobs: jobs('wwww'), actions: [release(3)], size: 4 });
    expect(depths.limit(room)).toBe(100);
    depths.planned(room, { jobs: jobs('w'), actions: [], size: 1 });
    depths.planned(room, { jobs: [], actions: [], size: 0 });
    expect(depths.limit(room)).toBe(100);
  });

  it('is more than the head when nothing of the head waits', () => {
    const depths = new RoomDepths({ head: 2, whole: 100 });
    expect(depths.planned(room, { jobs: jobs('ww'), actions: [release(0)], size: 3 })).toBe(false);
    expect(depths.limit(room)).toBe(2);
    expect(depths.planned(room, { jobs: jobs('cw'), actions: [release(1)], size: 3 })).toBe(true);
    expect(depths.limit(room)).toBe(100);
    expect(depths.planned(room, { jobs: jobs('ccw'), actions: [release(2)], size: 3 })).toBe(false);
  });
});
