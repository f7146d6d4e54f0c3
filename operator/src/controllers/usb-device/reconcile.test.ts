import type { UsbDevice } from '@autoweave/crds';
import { KubeError } from '@autoweave/platform/kube';
import { describe, expect, it } from 'vitest';
import { AbsentDevices } from './absent-devices.ts';
import { MissingNodes } from './missing-nodes.ts';
import { type DeviceReconcilerOptions, reconcileDevice } from './reconcile.ts';
import { hoursAgo, sampleAttachment, sampleDevice, sampleNow } from './testing/sample-device.ts';

const { signal } = new AbortController();

/** A cluster without an API server: what is deleted is gone. */
class Devices {
  readonly #devices = new Map<string, UsbDevice>();
  readonly absent = new AbsentDevices();
  readonly enqueued: string[] = [];
  conflict = false;

  add(name: string, device: UsbDevice): void {
    this.#devices.set(name, { ...device, metadata: { ...device.metadata, name } });
    this.absent.update(name, device);
  }

  names(): string[] {
    return [...this.#devices.keys()];
  }

  pass(name: string): ReturnType<typeof reconcileDevice> {
    const options: DeviceReconcilerOptions = {
      effects: {
        delete: async ({ metadata }) => {
          if (this.conflict) throw new KubeError({ status: 409, reason: 'Conflict', message: 'changed' });
          this.#devices.delete(metadata.name);
          this.absent.update(metadata.name, undefined);
        },
        update: async () => {},
      },
      device: (key) => this.#devices.get(key),
      limits: () => ({ retentionHours: 24, maxUnexpectedPerNode: 2 }),
      absentDevices: this.absent,
      node: () => undefined,
      missingNodes: new MissingNodes(() => true),
      enqueue: (key) => this.enqueued.push(key),
      clock: { now: () => sampleNow },
    };
    return reconcileDevice(options, name, signal);
  }
}

function absent(hours: number): UsbDevice {
  return sampleDevice({ attachments: [sampleAttachment({ present: false, since: hoursAgo(hours) })] });
}

describe('a pass over a device', () => {
  it('wakes those that must go when there are too many', async () => {
    const devices = new Devices();
    for (const [name, hours] of [
      ['c', 3],
      ['a', 1],
      ['b', 2],
      ['new', 0],
    ] as const)
      devices.add(name, absent(hours));
    await devices.pass('new');
    expect(devices.enqueued).toEqual(['c', 'b']);

    for (const name of devices.enqueued.splice(0)) await devices.pass(name);
    expect(devices.names()).toEqual(['a', 'new']);
    expect(devices.enqueued).toEqual([]);
  });

  it('comes back when the retention ends, within the hour', async () => {
    const devices = new Devices();
    devices.add('soon', absent(23.5));
    devices.add('late', absent(1));
    expect(await devices.pass('soon')).toEqual({ requeueAfterMilliseconds: 1_800_000 });
    expect(await devices.pass('late')).toEqual({ requeueAfterMilliseconds: 3_600_000 });
  });

  it('leaves a device alone that has changed since, or is gone', async () => {
    const devices = new Devices();
    devices.add('changed', absent(48));
    devices.conflict = true;
    expect(await devices.pass('changed')).toEqual({});
    expect(await devices.pass('gone')).toEqual({});
    expect(devices.names()).toEqual(['changed']);
  });
});
