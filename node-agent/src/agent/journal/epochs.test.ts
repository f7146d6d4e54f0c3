import { describe, expect, it } from 'vitest';
import { Epochs } from './epochs.ts';

describe('the epochs of a journal', () => {
  const epochs = new Epochs([
    { base: 0, epoch: 'a' },
    { base: 10, epoch: 'b' },
  ]);

  it('translate a sequence into a position', () => {
    expect(epochs.position('a', 3, 25)).toBe(3);
    expect(epochs.position('b', 3, 25)).toBe(13);
  });

  it('do not reach into the next epoch, whatever another process counted', () => {
    expect(epochs.position('a', 99, 25)).toBe(10);
    expect(epochs.position('b', 99, 25)).toBe(25);
  });

  it('do not know the epochs of another journal', () => {
    expect(epochs.position('c', 1, 25)).toBeUndefined();
  });

  it('leave no trace of an epoch without events', () => {
    const fresh = new Epochs();
    fresh.begin({ base: 0, epoch: 'a' });
    fresh.begin({ base: 0, epoch: 'b' });
    expect(fresh.current.epoch).toBe('b');
    expect(fresh.begun(5)).toEqual([{ base: 0, epoch: 'b' }]);
    expect(fresh.begun(0)).toEqual([]);
  });
});
