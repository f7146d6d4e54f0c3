import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedLock } from './shared-lock.ts';

describe('a shared lock', () => {
  it('is held by many, or by one alone, and everybody gets it in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean()), fc.scheduler(), async (plans, scheduler) => {
        const lock = new SharedLock();
        const holders: boolean[] = [];
        const works = plans.map((alone, index) => {
          const work = async (): Promise<number> => {
            expect(holders.includes(true)).toBe(false);
            if (alone) expect(holders).toEqual([]);
            holders.push(alone);
            await scheduler.schedule(Promise.resolve());
            holders.splice(holders.indexOf(alone), 1);
            return index;
          };
          return alone ? lock.alone(work) : lock.share(work);
        });
        expect(await scheduler.waitFor(Promise.all(works))).toEqual(plans.map((_, index) => index));
      }),
    );
  });

  it('is free again after work that failed', async () => {
    const lock = new SharedLock();
    await expect(lock.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(lock.share(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lock.alone(async () => 1)).toBe(1);
  });
});
