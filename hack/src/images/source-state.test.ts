import { describe, expect, it } from 'vitest';
import { readSourceState } from './source-state.ts';

describe('the state of the sources', () => {
  it('has the time of SOURCE_DATE_EPOCH rather than that of the commit', async () => {
    expect(await readSourceState({ SOURCE_DATE_EPOCH: '1700000000' })).toMatchObject({ epoch: 1_700_000_000 });
  });

  it('has a time of its own without it', async () => {
    expect((await readSourceState({})).epoch).toBeGreaterThanOrEqual(0);
  });

  it.each(['', 'today', '-1', '1.5'])('refuses the time "%s"', async (time) => {
    await expect(readSourceState({ SOURCE_DATE_EPOCH: time })).rejects.toThrow('SOURCE_DATE_EPOCH: expected seconds');
  });
});
