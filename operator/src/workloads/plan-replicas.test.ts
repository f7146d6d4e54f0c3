import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planReplicas, type ReplicasMemory } from './plan-replicas.ts';

const bounds = { minimum: 2, maximum: 20 };
const now = 1_000_000_000;

function replicas(backlog: number, current: number | undefined, memory: ReplicasMemory = [], at = now) {
  return planReplicas({ ...bounds, backlog, current, memory, now: at });
}

describe('the number of pods of a plugin that runs anywhere', () => {
  it.each([
    [0, 2],
    [20, 2],
    [21, 3],
    [150, 15],
    [10_000, 20],
  ])('with %d jobs is %d', (backlog, expected) => {
    expect(replicas(backlog, undefined).replicas).toBe(expected);
  });

  it('falls only when fewer were enough for five minutes', () => {
    const busy = replicas(100, 2);
    expect(busy.replicas).toBe(10);
    const calm = replicas(0, 10, busy.memory, now + 1_000);
    expect(calm.replicas).toBe(10);
    expect(replicas(0, 10, calm.memory, now + 299_000).replicas).toBe(10);
    expect(replicas(0, 10, calm.memory, now + 300_000).replicas).toBe(2);
  });

  it('stays for a while after the operator has started anew', () => {
    const first = replicas(0, 12);
    expect(first.replicas).toBe(12);
    expect(replicas(0, 12, first.memory, now + 300_000).replicas).toBe(2);
  });

  it('is within its bounds, never less than needed now, and never more than was needed in five minutes', () => {
    const steps = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 400_000 }), backlog: fc.integer({ min: 0, max: 300 }) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (sequence) => {
        let at = now;
        let memory: ReplicasMemory = [];
        let current: number | undefined;
        const history: { at: number; needed: number }[] = [];
        for (const { backlog, wait } of sequence) {
          at += wait;
          const needed = Math.max(bounds.minimum, Math.min(bounds.maximum, Math.ceil(backlog / 10)));
          history.push({ at, needed });
          const plan = replicas(backlog, current, memory, at);
          const lately = history.filter((entry) => at - entry.at < 300_000).map((entry) => entry.needed);
          expect(plan.replicas).toBe(Math.max(...lately));
          expect(plan.memory.length).toBeLessThanOrEqual(history.length);
          [current, memory] = [plan.replicas, plan.memory];
        }
      }),
    );
  });
});
