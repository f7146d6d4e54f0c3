import { describe, expect, it } from 'vitest';
import type { ScannedDevice, UsbEdge, UsbEdgeListener } from '../ports.ts';
import { recordedDevices } from './recorded-devices.ts';
import { SimulatedUsb } from './simulated-usb.ts';
import { nextStep, parentOf, randomNumbers } from './simulation-plan.ts';
import { describeUsbSource } from './testing/describe-usb-source.ts';

describeUsbSource('simulated', async () => {
  const usb = new SimulatedUsb({ initial: 0, intervalMilliseconds: 0 });
  return {
    source: usb,
    plug: async (device) => usb.plug(device),
    unplug: async (device) => usb.unplug(device.sysfsName),
    dispose: async () => usb.dispose(),
  };
});

describe('a simulated machine', () => {
  it('begins with some devices, and tells of every change that follows', async () => {
    const usb = new SimulatedUsb({ initial: 2, intervalMilliseconds: 1 });
    const plugged = new Map(recordedDevices.slice(0, 2).map((device) => [device.sysfsName, true]));
    const edges: UsbEdge[] = [];
    await usb.start(listenerOf((edge) => edges.push(edge)));
    await expect.poll(() => edges.length).toBeGreaterThan(20);
    await usb.stop();
    for (const { action, sysfsName } of edges) {
      expect(plugged.get(sysfsName) ?? false, `${action} ${sysfsName}`).toBe(action === 'remove');
      plugged.set(sysfsName, action === 'add');
    }
    const { devices } = await usb.scan(new AbortController().signal);
    const present = [...plugged].filter(([, isPresent]) => isPresent).map(([sysfsName]) => sysfsName);
    expect(devices.map((device) => device.sysfsName).toSorted()).toEqual(present.toSorted());
    usb.dispose();
  });
});

describe('the plan of a simulation', () => {
  it('is the same for the same seed', () => {
    expect(story(7)).toEqual(story(7));
    expect(story(7)).not.toEqual(story(8));
  });

  it('plugs nothing into a hub that is not there, and takes no hub away under its devices', () => {
    const plugged = new Set<string>();
    for (const { action, device } of story(3, 500)) {
      const parent = parentOf(device.sysfsName);
      if (action === 'plug') {
        expect(parent === undefined || plugged.has(parent)).toBe(true);
        plugged.add(device.sysfsName);
      } else {
        plugged.delete(device.sysfsName);
        expect([...plugged].filter((name) => parentOf(name) === device.sysfsName)).toEqual([]);
      }
    }
  });
});

function story(seed: number, length = 50): { action: string; device: ScannedDevice }[] {
  const random = randomNumbers(seed);
  const plugged = new Set<string>();
  return Array.from({ length }, () => {
    const step = nextStep(recordedDevices, plugged, random);
    if (!step) {
      throw new Error('Nothing can happen');
    }
    if (step.action === 'plug') {
      plugged.add(step.device.sysfsName);
    } else {
      plugged.delete(step.device.sysfsName);
    }
    return step;
  });
}

function listenerOf(edge: (edge: UsbEdge) => void): UsbEdgeListener {
  const unexpected = (what: unknown) => {
    throw new Error(`Unexpected: ${String(what)}`);
  };
  return { edge, changed: unexpected, hint: unexpected, overflow: unexpected, failed: unexpected };
}
