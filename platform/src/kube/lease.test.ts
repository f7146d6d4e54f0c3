import { describe, expect, it } from 'vitest';
import { LeaseObservation } from './lease.ts';
import type { Lease, LeaseSpec } from './lease.ts';

const leaseOf = (spec: LeaseSpec): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'l', namespace: 'n', uid: 'u' },
  spec,
});
const held = leaseOf({ holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '1999-01-01T00:00:00.000000Z' });

describe('an observed lease', () => {
  it('is free once it has not changed for as long as its holder promised, whatever the clock of the holder says', () => {
    let now = 1_000_000;
    const observation = new LeaseObservation(() => now);
    observation.observe(held);
    now += 15_000;
    observation.observe(held);
    expect(observation.isFree(held, 99)).toBe(false);
    now += 1;
    expect(observation.isFree(held, 99)).toBe(true);
  });

  it('is held again with every renewal', () => {
    let now = 0;
    const observation = new LeaseObservation(() => now);
    observation.observe(held);
    now += 14_000;
    const renewed = leaseOf({ ...held.spec, renewTime: '1999-01-01T00:00:01.000000Z' });
    observation.observe(renewed);
    now += 14_000;
    expect(observation.isFree(renewed, 99)).toBe(false);
  });

  it.each([[{}], [{ holderIdentity: '' }]])('with the spec %j is free at once', (spec) => {
    const observation = new LeaseObservation(() => 0);
    observation.observe(leaseOf(spec));
    expect(observation.isFree(leaseOf(spec), 15)).toBe(true);
  });

  it('that names no duration is held for ours', () => {
    let now = 0;
    const observation = new LeaseObservation(() => now);
    const lease = leaseOf({ holderIdentity: 'a' });
    observation.observe(lease);
    now = 15_001;
    expect(observation.isFree(lease, 15)).toBe(true);
    expect(observation.isFree(lease, 16)).toBe(false);
  });
});
