import { describe, expect, it } from 'vitest';
import { sampleDevice, sampleTransition } from '../testing/sample-transition.ts';
import { newHotplugEvent } from './new-hotplug-event.ts';

const number = { node: 'edge-1', epoch: '0123456789ab', sequence: 7 };

describe('an event made of a transition', () => {
  it('is identified by node, epoch and sequence', () => {
    expect(newHotplugEvent(sampleTransition(), number).eventId).toBe('edge-1/0123456789ab/7');
  });

  it('has the time of the transition, not of the attach', () => {
    const event = newHotplugEvent(sampleTransition('detach', sampleDevice(), { timestamp: 5 }), number);
    expect(event.timestamp).toBe(5);
  });

  it('names each interface class once', () => {
    expect(newHotplugEvent(sampleTransition(), number).interfaceClasses).toEqual(['03']);
  });

  it('has no descriptor when the device vanished before it could be read', () => {
    const event = newHotplugEvent(sampleTransition('attach', sampleDevice(), { partial: true }), number);
    expect(event).not.toHaveProperty('deviceDescriptor');
  });
});
