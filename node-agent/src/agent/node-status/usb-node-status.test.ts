import { describe, expect, it } from 'vitest';
import { usbNodeStatus, type NodeFacts } from './usb-node-status.ts';

const facts: NodeFacts = {
  agentVersion: '0.1.0',
  kernelVersion: '6.18.0',
  epoch: '0123456789ab',
  devicesPresent: 3,
  sources: [{ name: 'sysfs', state: 'Active' }],
  statedEpoch: undefined,
  lastResyncToken: undefined,
  problems: { usb: undefined, redis: undefined, journal: undefined },
};
const early = new Date('2026-01-01T00:00:00Z');
const late = new Date('2026-01-02T00:00:00Z');

function conditionsOf(status: ReturnType<typeof usbNodeStatus>): string[] {
  return (status.conditions ?? []).map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);
}

describe('the status of a node', () => {
  it('is ready when devices are seen, journaled and told', () => {
    expect(conditionsOf(usbNodeStatus(facts, [], early))).toEqual([
      'Ready=True Watching',
      'UsbAvailable=True TreeRead',
      'RedisReachable=True Publishing',
      'JournalWritable=True OnDisk',
    ]);
  });

  it('says in Ready what is missing', () => {
    const problems = { ...facts.problems, redis: 'the connection to Redis was lost' };
    const status = usbNodeStatus({ ...facts, problems }, [], early);
    expect(status.conditions?.[0]).toMatchObject({
      type: 'Ready',
      status: 'False',
      reason: 'NotPublishing',
      message: 'the connection to Redis was lost',
    });
  });

  it('is the same as before when nothing changed, whatever the time', () => {
    const before = usbNodeStatus(facts, [], early);
    expect(usbNodeStatus(facts, before.conditions ?? [], late)).toEqual(before);
  });

  it('lists a source that reads and tells once, with what is wrong with it', () => {
    const sources = [
      { name: 'simulated', state: 'Active' },
      { name: 'simulated', state: 'Failed', message: 'not started' },
      { name: 'inotify', state: 'Active' },
    ] as const;
    expect(usbNodeStatus({ ...facts, sources }, [], early).sources).toEqual([
      { name: 'simulated', state: 'Failed', message: 'not started' },
      { name: 'inotify', state: 'Active' },
    ]);
  });

  it('moves the time of a condition only when it flips', () => {
    const before = usbNodeStatus(facts, [], early);
    const problems = { ...facts.problems, usb: 'no USB tree' };
    const after = usbNodeStatus({ ...facts, problems }, before.conditions ?? [], late);
    const times = Object.fromEntries(
      (after.conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
    );
    expect(times).toEqual({
      Ready: '2026-01-02T00:00:00Z',
      UsbAvailable: '2026-01-02T00:00:00Z',
      RedisReachable: '2026-01-01T00:00:00Z',
      JournalWritable: '2026-01-01T00:00:00Z',
    });
  });
});
