import { describe, expect, it } from 'vitest';
import { executorStates, listedExecutors, parseExecutor, sameStates } from './presence.ts';

const executor = { node: 'a', instance: 'a1', version: '0.1.0', startedAt: 1 };

describe('the presence of executors', () => {
  it('is what their keys hold', () => {
    expect(parseExecutor(JSON.stringify(executor))).toEqual(executor);
    expect(parseExecutor('{"node":"a"}')).toBeUndefined();
    expect(parseExecutor('nonsense')).toBeUndefined();
  });

  it('is unknown without a key until they had time to write one', () => {
    const reading = new Map([
      ['a', executor],
      ['b', undefined],
    ]);
    expect(executorStates(reading, false).get('b')).toEqual({ state: 'unknown' });
    expect(executorStates(reading, true).get('b')).toEqual({ state: 'absent' });
    expect(executorStates(reading, false).get('a')).toEqual({ state: 'present', instance: 'a1' });
  });

  it('lists who was there before as long as a missing key proves nothing', () => {
    const reading = new Map([['a', undefined]]);
    const before = new Map([['a', executor]]);
    const listed = (isGraceOver: boolean) => listedExecutors(reading, executorStates(reading, isGraceOver), before);
    expect([...listed(false).values()]).toEqual([executor]);
    expect([...listed(true).values()]).toEqual([]);
  });

  it('changes when one comes, goes, or is another', () => {
    const states = (instance: string) => executorStates(new Map([['a', { ...executor, instance }]]), true);
    expect(sameStates(states('a1'), states('a1'))).toBe(true);
    expect(sameStates(states('a1'), states('a2'))).toBe(false);
    expect(sameStates(states('a1'), new Map())).toBe(false);
  });
});
