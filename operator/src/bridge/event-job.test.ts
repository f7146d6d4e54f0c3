import { describe, expect, it } from 'vitest';
import { testEvent } from '../router/testing/sample-jobs.ts';
import { eventJob, eventJobId } from './event-job.ts';

const plugin = {
  apiVersion: 'autoweave.dev/v1alpha1',
  kind: 'AutoWeavePlugin',
  metadata: { name: 'p', namespace: 'default', uid: 'u' },
  spec: { source: {} },
} as const;
const traceparent = `00-${'1'.repeat(32)}-${'3'.repeat(16)}-01`;
const options = { now: 5_000, timeToLiveSeconds: 60, traceparent };

describe('the job of an event', () => {
  it('has an id of event and plugin that BullMQ takes', () => {
    const id = eventJobId(testEvent(), 'u');
    expect(id).toMatch(/^attach-[0-9a-f]{32}$/);
    expect(eventJobId(testEvent({ timestamp: 1 }), 'u')).toBe(id);
    expect(eventJobId(testEvent(), 'another')).not.toBe(id);
    expect(eventJobId(testEvent({ eventId: 'a/0123456789ab/2' }), 'u')).not.toBe(id);
  });

  it('goes to the node of the event and expires', () => {
    expect(eventJob(testEvent(), plugin, options)).toMatchObject({
      type: 'usb.attach',
      plugin: { namespace: 'default', name: 'p' },
      node: 'a',
      deviceName: '046d-c31c-0011223344556677',
      createdAt: 5_000,
      expiresAt: 65_000,
    });
  });

  it('continues the trace below the span that made it', () => {
    expect(eventJob(testEvent(), plugin, options).traceparent).toBe(traceparent);
  });

  it('has no device when the device was never read', () => {
    expect(eventJob(testEvent({ deviceName: '', partial: true }), plugin, options)).not.toHaveProperty('deviceName');
  });
});
