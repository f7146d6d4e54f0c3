import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Admission, PeerLimits } from './peer-limits.ts';

const roomy = { connections: 100, pending: 100, pendingPerPeer: 100, perSecond: 1000, burst: 1000 };

function admitted(limits: PeerLimits, address: string, attempts: number): Admission[] {
  return Array.from({ length: attempts }, () => limits.admit(address)).filter((admission) => admission !== undefined);
}

describe('the limits for peers', () => {
  it('bound the connections of one peer that nobody knows yet, and let others in', () => {
    const limits = new PeerLimits({ ...roomy, pendingPerPeer: 3 });
    const [first] = admitted(limits, 'a', 10);
    expect(admitted(limits, 'a', 1)).toEqual([]);
    expect(admitted(limits, 'b', 5)).toHaveLength(3);
    first?.settled();
    expect(admitted(limits, 'a', 5)).toHaveLength(1);
  });

  it('bound all connections, known or not', () => {
    const limits = new PeerLimits({ ...roomy, connections: 4 });
    const admissions = admitted(limits, 'a', 10);
    expect(admissions).toHaveLength(4);
    for (const { settled } of admissions) settled();
    expect(admitted(limits, 'b', 1)).toEqual([]);
    admissions[0]?.ended();
    admissions[0]?.ended();
    expect(admitted(limits, 'b', 5)).toHaveLength(1);
  });

  it('slow down who dials again and again', () => {
    let now = 0;
    const limits = new PeerLimits({ ...roomy, perSecond: 2, burst: 5, now: () => now });
    for (const { ended } of admitted(limits, 'a', 50)) ended();
    expect(admitted(limits, 'a', 50)).toEqual([]);
    now = 1000;
    expect(admitted(limits, 'a', 50)).toHaveLength(2);
    expect(admitted(limits, 'b', 50)).toHaveLength(5);
  });

  it('are never exceeded, and forget nobody who is still there', () => {
    const step = fc.record({ peer: fc.constantFrom('a', 'b', 'c'), action: fc.constantFrom('dial', 'settle', 'end') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        let now = 0;
        const limits = new PeerLimits({ ...roomy, connections: 6, pending: 4, pendingPerPeer: 2, now: () => now });
        const open: { peer: string; pending: boolean; admission: Admission }[] = [];
        for (const { peer, action } of steps) {
          now += 1000;
          const pending = open.filter((one) => one.pending);
          const [own] = open.filter((one) => one.peer === peer);
          const ownPending = pending.filter((one) => one.peer === peer);
          if (action === 'dial') {
            const admission = limits.admit(peer);
            const fits = open.length < 6 && pending.length < 4 && ownPending.length < 2;
            expect(admission !== undefined).toBe(fits);
            if (admission !== undefined) open.push({ peer, pending: true, admission });
          } else if (own !== undefined && action === 'settle') {
            own.admission.settled();
            own.pending = false;
          } else if (own !== undefined) {
            own.admission.ended();
            open.splice(open.indexOf(own), 1);
          }
        }
      }),
    );
  });
});
