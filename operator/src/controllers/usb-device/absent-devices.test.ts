import type { UsbDevice } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { AbsentDevices } from './absent-devices.ts';
import { hoursAgo, sampleAttachment, sampleDevice } from './testing/sample-device.ts';

function absent(hours: number, nodeName = 'desk-1'): UsbDevice {
  return sampleDevice({ attachments: [sampleAttachment({ nodeName, present: false, since: hoursAgo(hours) })] });
}

describe('absent devices', () => {
  it('beyond the maximum of a node go, the longest absent first', () => {
    const devices = new AbsentDevices();
    devices.update('b', absent(2));
    devices.update('c', absent(3));
    devices.update('a', absent(1));
    devices.update('other', absent(9, 'desk-2'));

    expect(devices.excessBeside('a', 3)).toEqual([]);
    expect(devices.excessBeside('a', 1)).toEqual(['c', 'b']);
    expect(devices.excessBeside('other', 1)).toEqual([]);
  });

  it('are those that nobody expects and no node holds', () => {
    const devices = new AbsentDevices();
    devices.update('expected', { ...absent(9), spec: { expected: true } });
    devices.update('present', sampleDevice({ attachments: [sampleAttachment()] }));
    devices.update('absent', absent(1));

    expect(devices.excessBeside('absent', 0)).toEqual(['absent']);
  });

  it('no longer count when they came back or were deleted', () => {
    const devices = new AbsentDevices();
    for (const name of ['a', 'b', 'c']) devices.update(name, absent(1));
    devices.update('a', sampleDevice({ attachments: [sampleAttachment()] }));
    devices.update('b', undefined);

    expect(devices.excessBeside('c', 0)).toEqual(['c']);
    expect(devices.excessBeside('a', 0)).toEqual([]);
  });
});
