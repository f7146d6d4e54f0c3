import { describe, expect, it } from 'vitest';
import { PassPace } from './pass-pace.ts';

describe('passes over a plugin', () => {
  it('keep apart while it does not change', () => {
    let now = 1000;
    const pace = new PassPace({ now: () => now });
    expect(pace.begin('a', '1')).toBe(0);
    now += 30;
    expect(pace.begin('a', '1')).toBe(70);
    expect(pace.begin('b', '1')).toBe(0);
    now += 70;
    expect(pace.begin('a', '1')).toBe(0);
  });

  it('begin at once when it has changed', () => {
    const pace = new PassPace({ now: () => 1000 });
    expect(pace.begin('a', '1')).toBe(0);
    expect(pace.begin('a', '2')).toBe(0);
    pace.forget('a');
    expect(pace.begin('a', '2')).toBe(0);
  });

  it('are not held up by a clock that was set back', () => {
    let now = 100_000;
    const pace = new PassPace({ now: () => now });
    pace.begin('a', '1');
    now = 0;
    expect(pace.begin('a', '1')).toBe(0);
  });
});
