import type { UsbNode, UsbNodeStatus } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { isStaleEntry } from './stale-entry.ts';
import { sampleAttachment } from './testing/sample-device.ts';

const node = (status: UsbNodeStatus): UsbNode => ({ metadata: { name: 'desk-1' }, spec: {}, status }) as UsbNode;
const entry = (present: boolean, epoch: string) => sampleAttachment({ present, lastEventId: `desk-1/${epoch}/7` });

describe('an entry that a node wrote', () => {
  const newJournal = node({ epoch: 'b', statedEpoch: 'b' });

  it('is stale when a new journal has stated all devices, and not this one', () => {
    expect(isStaleEntry(entry(true, 'a'), newJournal)).toBe(true);
    expect(isStaleEntry(entry(true, 'b'), newJournal)).toBe(false);
  });

  it('is right when it says that the device left', () => {
    expect(isStaleEntry(entry(false, 'a'), newJournal)).toBe(false);
  });

  it('is right as long as the agent has not stated all, remembers more epochs, or is unknown', () => {
    for (const other of [node({ epoch: 'b' }), node({ epoch: 'c', statedEpoch: 'b' }), undefined]) {
      expect(isStaleEntry(entry(true, 'a'), other)).toBe(false);
    }
  });
});
