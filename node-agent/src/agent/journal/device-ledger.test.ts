import { describe, expect, it } from 'vitest';
import { sampleDevice, sampleTransition } from '../testing/sample-transition.ts';
import type { KnownDevice } from '../ports.ts';
import { DeviceLedger } from './device-ledger.ts';
import { newHotplugEvent } from './new-hotplug-event.ts';

const keyboard = sampleDevice();
const mouse = sampleDevice({ serialNumber: 'M1' });

function apply(ledger: DeviceLedger, position: number, action: 'attach' | 'detach', device: KnownDevice): string[] {
  const transition = sampleTransition(action, device, { timestamp: position });
  const event = newHotplugEvent(transition, { node: 'n', epoch: 'e', sequence: position });
  return ledger.apply({ position, event }, device);
}

describe('the ledger of devices', () => {
  it('knows who is present', () => {
    const ledger = new DeviceLedger();
    apply(ledger, 1, 'attach', keyboard);
    expect(ledger.present()).toEqual([keyboard]);
    apply(ledger, 2, 'detach', keyboard);
    expect(ledger.present()).toEqual([]);
  });

  it('keeps a device that left until the cluster knows', () => {
    const ledger = new DeviceLedger();
    apply(ledger, 1, 'attach', keyboard);
    apply(ledger, 2, 'detach', keyboard);
    expect(ledger.byName(keyboard.name)).toMatchObject({ present: false, since: 2, lastEventId: 'n/e/2' });
    expect(ledger.forgetDeparted(keyboard.name, 1)).toBe(false);
    expect(ledger.forgetDeparted(keyboard.name, 2)).toBe(true);
    expect(ledger.byName(keyboard.name)).toBeUndefined();
  });

  it('finds a device that moved at its new port, even when its leave is told late', () => {
    const ledger = new DeviceLedger();
    const moved = { ...keyboard, sysfsName: '1-2' };
    apply(ledger, 1, 'attach', keyboard);
    apply(ledger, 2, 'attach', moved);
    apply(ledger, 3, 'detach', keyboard);
    expect(ledger.byName(keyboard.name)).toMatchObject({ present: true, device: moved });
  });

  it('takes a device whose port another one holds now for gone', () => {
    const ledger = new DeviceLedger();
    apply(ledger, 1, 'attach', keyboard);
    expect(apply(ledger, 2, 'attach', mouse)).toEqual([keyboard.name, mouse.name]);
    expect(ledger.byName(keyboard.name)).toMatchObject({ present: false });
    expect(ledger.present()).toEqual([mouse]);
  });

  it('keeps since when attributes become known later', () => {
    const ledger = new DeviceLedger();
    apply(ledger, 1, 'attach', keyboard);
    expect(ledger.refresh({ ...keyboard, product: 'Known now' })).toBe(true);
    expect(ledger.byName(keyboard.name)).toMatchObject({ since: 1, device: { product: 'Known now' } });
    expect(ledger.refresh(mouse)).toBe(false);
  });

  it('forgets a device that was never seen whole as soon as it left', () => {
    const ledger = new DeviceLedger();
    const nameless = sampleDevice({ name: '' });
    apply(ledger, 1, 'attach', nameless);
    apply(ledger, 2, 'detach', nameless);
    expect([...ledger.values()]).toEqual([]);
  });

  it('does not grow without bound while a stick cycles its serial number', () => {
    const ledger = new DeviceLedger();
    for (let round = 0; round < 1500; round += 1) {
      const stick = sampleDevice({ serialNumber: `S${round}` });
      apply(ledger, 2 * round + 1, 'attach', stick);
      apply(ledger, 2 * round + 2, 'detach', stick);
    }
    expect([...ledger.values()]).toHaveLength(1000);
  });

  it('tells what has to be saved', () => {
    const ledger = new DeviceLedger();
    apply(ledger, 1, 'attach', keyboard);
    expect([...ledger.changed]).toEqual([`1-1 ${keyboard.name}`]);
    ledger.saved();
    expect([...ledger.changed]).toEqual([]);
  });
});
