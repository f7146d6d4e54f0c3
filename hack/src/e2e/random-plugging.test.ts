import { randomNumbers } from '@autoweave/node-agent/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPlugging, type PlugOperation } from './random-plugging.ts';
import { isBehind, type Place, placeKey } from './usb-place.ts';

const devices = ['usb-hub', 'usb-kbd', 'usb-mouse', 'usb-tablet'].map((driver) => ({ driver, serial: driver }));
const places: readonly Place[] = ['1', '2'].map((port) => ({ controller: 0, port }));

function plan(seed: number): PlugOperation[][] {
  return planPlugging({ devices, places, hubPorts: 2, operations: 60, width: 3, random: randomNumbers(seed) });
}

/** Carries an operation out by hand. @throws Error when nobody could do it. */
function doIt(plugged: Map<string, PlugOperation>, operation: PlugOperation): void {
  const { action, device, place } = operation;
  const key = placeKey(place);
  const there = plugged.get(key);
  if (action === 'unplug') {
    expect(there?.device).toBe(device);
    for (const [other, { place: itsPlace }] of plugged) {
      if (other === key || isBehind(itsPlace, place)) plugged.delete(other);
    }
    return;
  }
  expect(there).toBeUndefined();
  expect([...plugged.values()].map((other) => other.device)).not.toContain(device);
  const isBehindHub = [...plugged.values()].some((other) => isBehind(place, other.place));
  expect(isBehindHub).toBe(place.port.includes('.'));
  plugged.set(key, operation);
}

describe('a plan of random plugging', () => {
  it('can be carried out, in any order within a round', () => {
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (seed, isReversed) => {
        const plugged = new Map<string, PlugOperation>();
        for (const round of plan(seed)) {
          for (const operation of isReversed ? round.toReversed() : round) doIt(plugged, operation);
        }
      }),
    );
  });

  it('has as many operations as asked for, and is the same for the same seed', () => {
    expect(plan(7).flat()).toHaveLength(60);
    expect(plan(7)).toEqual(plan(7));
    expect(plan(8)).not.toEqual(plan(7));
  });

  it('pulls out hubs with devices behind them', () => {
    const rounds = plan(1).flat();
    expect(rounds.some(({ place }) => place.port.includes('.'))).toBe(true);
    expect(rounds.some(({ action, device }) => action === 'unplug' && device.driver === 'usb-hub')).toBe(true);
  });
});
