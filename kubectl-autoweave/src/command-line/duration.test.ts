import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

describe('a duration', () => {
  it.each([
    ['90', 90_000],
    ['0', 0],
    ['250ms', 250],
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDuration(text, '--since')).toBe(milliseconds);
  });

  it.each(['', 'm', '-1m', '1 m', '10min', '1h30', 'ten'])('"%s" is none, and the flag is named', (text) => {
    expect(() => parseDuration(text, '--since')).toThrow(
      expect.objectContaining({ code: 'AW_CONFIG_INVALID', field: '--since', value: text }),
    );
  });
});
