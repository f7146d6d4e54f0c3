import { describe, expect, it } from 'vitest';
import { attachment, sampleDevice } from '../testing/sample-objects.ts';
import { fromDevice, fromEvent, type Happening } from './happening.ts';
import { HappeningFilter } from './happening-filter.ts';

const at = (time: string, given: Partial<Happening> = {}): Happening => ({
  time,
  type: 'Normal',
  reason: 'UsbAttached',
  message: '',
  source: 'Event',
  ...given,
});
const from = Date.parse('2026-01-02T03:00:00Z');
const event = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'e' },
  eventTime: '2026-01-02T03:04:06.000000Z',
  type: 'Normal',
  reason: 'UsbAttached',
  action: 'UsbAttached',
  note: 'It was plugged in',
  reportingController: 'autoweave.dev/operator',
  reportingInstance: 'o',
  regarding: { apiVersion: 'autoweave.dev/v1alpha1', kind: 'UsbDevice', name: 'd' },
} as const;

describe('what is shown of what happened', () => {
  it('lies in the time, at the node and with the device that were asked for', () => {
    const filter = new HappeningFilter({ from, node: 'desk-1', device: 'd' });
    expect(filter.isNew(at('2026-01-02T03:00:01Z', { node: 'desk-1', device: 'd' }))).toBe(true);
    expect(filter.isNew(at('2026-01-02T02:59:59Z', { node: 'desk-1', device: 'd' }))).toBe(false);
    expect(filter.isNew(at('2026-01-02T03:00:02Z', { node: 'desk-2', device: 'd' }))).toBe(false);
    expect(filter.isNew(at('2026-01-02T03:00:02Z', { node: 'desk-1', device: 'other' }))).toBe(false);
    expect(filter.isNew(at('2026-01-02T03:00:02Z'))).toBe(false);
  });

  it('is one line, though the Event and the device tell it', () => {
    const device = sampleDevice({ attachments: [attachment('desk-1')] });
    const annotations = {
      'autoweave.dev/device': device.metadata.name,
      'autoweave.dev/node': 'desk-1',
      'autoweave.dev/hotplug-event': 'desk-1/epoch/1',
    };
    const told = [fromEvent({ ...event, metadata: { name: 'e', annotations } }), ...fromDevice(device)];
    expect(told.map(({ source, node, device: name }) => [source, node, name])).toEqual([
      ['Event', 'desk-1', device.metadata.name],
      ['UsbDevice', 'desk-1', device.metadata.name],
    ]);
    const filter = new HappeningFilter({ from });
    expect(told.map((happening) => filter.isNew(happening))).toEqual([true, false]);
  });

  it('is, when following, all that was not there before, though clocks differ', () => {
    const filter = new HappeningFilter({ from });
    expect(filter.isNew(at('2026-01-02T02:00:00Z', { hotplugEvent: 'old' }))).toBe(false);
    filter.startFollowing();
    expect(filter.isNew(at('2026-01-02T02:00:00Z', { hotplugEvent: 'old' }))).toBe(false);
    expect(filter.isNew(at('2026-01-02T02:59:59Z', { hotplugEvent: 'new' }))).toBe(true);
  });

  it('is each repetition of an Event, once', () => {
    const filter = new HappeningFilter({ from });
    const repeated = (count: number, lastObservedTime: string) =>
      fromEvent({ ...event, series: { count, lastObservedTime } });
    expect(filter.isNew(fromEvent(event))).toBe(true);
    expect(filter.isNew(repeated(2, '2026-01-02T03:05:00Z'))).toBe(true);
    expect(filter.isNew(repeated(2, '2026-01-02T03:05:00Z'))).toBe(false);
    expect(filter.isNew(repeated(3, '2026-01-02T03:06:00Z'))).toBe(true);
  });
});

describe('what a device tells', () => {
  it('is the last change at each node, and a warning when it was expected to stay', () => {
    const away = attachment('desk-2', { present: false, portPath: '4', since: '2026-01-02T04:00:00Z' });
    const device = sampleDevice({ spec: { expected: true }, attachments: [attachment('desk-1'), away] });
    expect(fromDevice(device).map(({ type, reason, message }) => `${type} ${reason}: ${message}`)).toEqual([
      'Normal UsbAttached: Logitech USB Keyboard was plugged in at node desk-1, port 1',
      'Warning UsbDetached: Logitech USB Keyboard was plugged out of node desk-2, port 4',
    ]);
  });
});
