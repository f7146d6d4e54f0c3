import { describe, expect, it } from 'vitest';
import { type DeviceEvent, deviceEventProblems, type DeviceTransition } from './device-events.ts';

const stick: readonly DeviceTransition[] = [
  { deviceName: 'stick', action: 'attach' },
  { deviceName: 'stick', action: 'detach' },
];
const event = (reason: string, name = 'stick'): DeviceEvent => ({ reason, regarding: { name } });
const series = { count: 2, lastObservedTime: '' };
const both = [event('UsbAttached'), event('UsbDetached')];

function problems(events: readonly DeviceEvent[], mayMerge = false): string[] {
  return deviceEventProblems(stick, events, { mayMerge: () => mayMerge });
}

describe('the check of the Events of devices', () => {
  it('accepts one for each transition, and what is said of something else', () => {
    expect(problems([...both, event('PluginSucceeded', 'inventory')])).toEqual([]);
  });

  it.each([
    ['a lost one', [event('UsbAttached')], '0 Events UsbDetached of stick, not 1'],
    ['one too many', [...both, event('UsbAttached')], '2 Events UsbAttached of stick, not 1'],
    ['one of a series', [event('UsbAttached'), { ...event('UsbDetached'), series }], '2 Events UsbDetached of stick'],
    ['one of a device that was never there', [...both, event('UsbAttached', 'ghost')], '1 Events UsbAttached of ghost'],
  ])('finds %s', (_, events, problem) => {
    expect(problems(events).join('\n')).toContain(problem);
  });

  it('lets Events be fewer, but not more, where transitions may merge', () => {
    expect(problems([event('UsbAttached')], true)).toEqual([]);
    expect(problems([...both, event('UsbAttached')], true)).toHaveLength(1);
  });
});
