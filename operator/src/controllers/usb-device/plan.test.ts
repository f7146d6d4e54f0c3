import type { UsbDevice } from '@autoweave/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeviceUpdate, type DeviceWorld, planDevice } from './plan.ts';
import { hoursAgo, sampleAttachment, sampleDevice, sampleNow } from './testing/sample-device.ts';

/** Many runs take long on a busy machine. */
const patience = { timeout: 60_000 };

function world(device: UsbDevice, changes: Partial<DeviceWorld> = {}): DeviceWorld {
  return {
    device,
    retentionHours: 24,
    isExcess: false,
    nodeMissingSince: () => undefined,
    isStale: () => false,
    now: sampleNow,
    ...changes,
  };
}

function update(device: UsbDevice, changes: Partial<DeviceWorld> = {}): DeviceUpdate {
  const plan = planDevice(world(device, changes));
  if (plan.type !== 'update') throw new Error(`It would be deleted: ${plan.reason}`);
  return plan;
}

/** The device after its plan was carried out. */
function settled(device: UsbDevice): UsbDevice {
  const { conditions, reportedEventIds } = update(device);
  return { ...device, status: { ...device.status, conditions, reportedEventIds } };
}

function summary(device: UsbDevice): Record<string, string> {
  return Object.fromEntries(update(device).conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
}

const here = sampleAttachment();
const away = sampleAttachment({ present: false });
const elsewhere = sampleAttachment({ nodeName: 'desk-2' });

describe('conditions of a device', () => {
  it.each([
    ['nowhere yet', sampleDevice(), { Attached: 'False Detached', Ready: 'False Detached' }],
    ['at a node', sampleDevice({ attachments: [here] }), { Attached: 'True Attached', Ready: 'True Attached' }],
    ['gone', sampleDevice({ attachments: [away] }), { Attached: 'False Detached', Ready: 'False Detached' }],
    [
      'gone, though expected',
      sampleDevice({ attachments: [away] }, { expected: true }),
      { Attached: 'False Missing', Ready: 'False Missing' },
    ],
    [
      'at another node than before',
      sampleDevice({ attachments: [away, elsewhere] }),
      { Attached: 'True Attached', Ready: 'True Attached' },
    ],
    [
      'at two nodes at once',
      sampleDevice({ attachments: [here, elsewhere] }),
      {
        Attached: 'True Attached',
        Ready: 'False PresentOnSeveralNodes',
        Conflicted: 'True PresentOnSeveralNodes',
      },
    ],
  ])('that is %s', (_name, device, expected) => {
    expect(summary(device)).toEqual(expected);
  });

  it('tell where it is, and for which generation', () => {
    const [attached] = update(sampleDevice({ attachments: [here] })).conditions;
    expect(attached).toMatchObject({ message: 'Plugged in at node desk-1, port 1.4', observedGeneration: 3 });
  });

  it('lose Conflicted when one device is left', () => {
    const conflicted = settled(sampleDevice({ attachments: [here, elsewhere] }));
    const solved = {
      ...conflicted,
      status: { ...conflicted.status, attachments: [here, { ...elsewhere, present: false }] },
    };
    expect(summary(solved)).toEqual({ Attached: 'True Attached', Ready: 'True Attached' });
  });

  it('keep their transition time while the status stays', () => {
    const device = settled(sampleDevice({ attachments: [here] }));
    const moved = { ...device, status: { ...device.status, attachments: [{ ...here, portPath: '2' }] } };
    const later = update(moved, { now: sampleNow + 60_000 }).conditions;

    expect(later.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(
      device.status?.conditions?.map(({ lastTransitionTime }) => lastTransitionTime),
    );
    expect(later[0]?.message).toBe('Plugged in at node desk-1, port 2');
  });

  it('do not change when nothing does', patience, () => {
    const attachment = fc
      .record({ present: fc.boolean(), nodeName: fc.constantFrom('a', 'b', 'c') })
      .map((changes) => sampleAttachment(changes));
    const attachments = fc.uniqueArray(attachment, { maxLength: 3, selector: ({ nodeName }) => nodeName });
    fc.assert(
      fc.property(attachments, fc.boolean(), (list, expected) => {
        const device = settled(sampleDevice({ attachments: list }, { expected }));
        expect(update(device, { now: sampleNow + 5000 })).toMatchObject({
          conditions: device.status?.conditions ?? [],
          reportedEventIds: device.status?.reportedEventIds ?? [],
          events: [],
        });
      }),
    );
  });
});

describe('Kubernetes Events of a device', () => {
  it('tell of each flip once, by a name that the flip gives', () => {
    const plugged = sampleDevice({ attachments: [here] });
    const [event] = update(plugged).events;

    expect(event).toMatchObject({
      type: 'Normal',
      reason: 'UsbAttached',
      message: 'Logitech Keyboard K120 was plugged in at node desk-1, port 1.4',
      annotations: {
        'autoweave.dev/device': plugged.metadata.name,
        'autoweave.dev/node': 'desk-1',
        'autoweave.dev/hotplug-event': here.lastEventId,
      },
    });
    expect(update(plugged, { now: sampleNow + 1000 }).events).toEqual([event]);
    expect(update(settled(plugged)).events).toEqual([]);
  });

  it('tell of a move from node to node as of two flips', () => {
    const before = settled(sampleDevice({ attachments: [here] }));
    const left = { ...here, present: false, lastEventId: 'desk-1/0123456789ab/2' };
    const moved = { ...before, status: { ...before.status, attachments: [left, elsewhere] } };

    expect(update(moved).events.map(({ reason, message }) => [reason, message])).toEqual([
      ['UsbDetached', 'Logitech Keyboard K120 was plugged out of node desk-1, port 1.4'],
      ['UsbAttached', 'Logitech Keyboard K120 was plugged in at node desk-2, port 1.4'],
    ]);
  });

  it('tell of a replug that went by between two passes', () => {
    const before = settled(sampleDevice({ attachments: [here] }));
    const replugged = { ...here, lastEventId: 'desk-1/0123456789ab/3' };
    const after = { ...before, status: { ...before.status, attachments: [replugged] } };

    expect(update(after).events.map(({ reason }) => reason)).toEqual(['UsbAttached']);
  });

  it('warn when an expected device goes, and may be left out for others', () => {
    const detached = (expected: boolean) => update(sampleDevice({ attachments: [away] }, { expected })).events[0];
    expect(detached(true)).toMatchObject({ type: 'Warning', reason: 'UsbDetached', isMinor: false });
    expect(detached(false)).toMatchObject({ type: 'Normal', reason: 'UsbDetached', isMinor: true });
  });

  it('warn of a device at two nodes, once', () => {
    const device = sampleDevice({ attachments: [here, elsewhere] });
    expect(update(device).events.at(-1)).toMatchObject({
      type: 'Warning',
      reason: 'PresentOnSeveralNodes',
      message: 'Logitech Keyboard K120 is plugged in at several nodes at once: desk-1, desk-2',
      isMinor: false,
    });
    expect(update(settled(device)).events).toEqual([]);
  });

  it('name another object otherwise, even for the same flip', () => {
    const device = sampleDevice({ attachments: [here] });
    const remade = { ...device, metadata: { ...device.metadata, uid: 'another' } };
    expect(update(remade).events[0]?.name).not.toBe(update(device).events[0]?.name);
  });
});

describe('a device that is away', () => {
  const since = (hours: number) =>
    sampleDevice({ attachments: [sampleAttachment({ present: false, since: hoursAgo(hours) })] });

  it('stays until its retention ends', () => {
    expect(update(since(23)).requeueAt).toBe(sampleNow + 3_600_000);
    expect(planDevice(world(since(24)))).toEqual({ type: 'delete', reason: 'RetentionEnded' });
    expect(planDevice(world(since(30), { retentionHours: 48 })).type).toBe('update');
  });

  it('stays for ever when it is expected, or back at another node', () => {
    const old = sampleAttachment({ present: false, since: hoursAgo(10_000) });
    expect(update(sampleDevice({ attachments: [old] }, { expected: true })).requeueAt).toBeUndefined();
    expect(update(sampleDevice({ attachments: [old, elsewhere] })).requeueAt).toBeUndefined();
  });

  it('goes at once when there are too many', () => {
    expect(planDevice(world(since(1), { isExcess: true }))).toEqual({ type: 'delete', reason: 'TooManyAbsentDevices' });
  });

  it('counts from the last node that held it', () => {
    const attachments = [sampleAttachment({ present: false, since: hoursAgo(50) }), { ...elsewhere, present: false }];
    expect(update(sampleDevice({ attachments })).requeueAt).toBe(sampleNow + 23 * 3_600_000);
  });

  it('counts from its condition, or its creation, when no node remembers it', () => {
    const lastTransitionTime = hoursAgo(2);
    const detached = {
      type: 'Attached',
      status: 'False' as const,
      reason: 'Detached',
      message: '',
      lastTransitionTime,
    };
    expect(update(sampleDevice({ conditions: [detached] })).requeueAt).toBe(sampleNow + 22 * 3_600_000);
    expect(update(sampleDevice()).requeueAt).toBe(sampleNow + 21 * 3_600_000);
  });
});

describe('the entry of a node', () => {
  const missingFor = (seconds: number) => ({ nodeMissingSince: () => sampleNow - seconds * 1000 });

  it('goes a minute after the node has', () => {
    const device = sampleDevice({ attachments: [here] });
    expect(update(device).forgottenNodes).toEqual([]);
    expect(update(device, missingFor(10))).toMatchObject({ forgottenNodes: [], requeueAt: sampleNow + 50_000 });
    expect(update(device, missingFor(60)).forgottenNodes).toEqual(['desk-1']);
  });

  it('goes with a warning when the device was there', () => {
    const device = settled(sampleDevice({ attachments: [here] }));
    expect(update(device, missingFor(60)).events).toMatchObject([
      { type: 'Warning', reason: 'UsbDetached', message: 'Logitech Keyboard K120 was lost: node desk-1 is no more' },
    ]);
    const left = settled(sampleDevice({ attachments: [away] }));
    expect(update(left, missingFor(60)).events).toEqual([]);
  });

  it('goes when the device was at many nodes since', () => {
    const visited = Array.from({ length: 40 }, (_, index) =>
      sampleAttachment({ nodeName: `desk-${index}`, present: index === 0, since: hoursAgo(40 - index) }),
    );
    const { forgottenNodes } = update(sampleDevice({ attachments: visited }));
    expect(forgottenNodes.toSorted()).toEqual(['desk-1', 'desk-2', 'desk-3', 'desk-4', 'desk-5', 'desk-6', 'desk-7']);
  });
});
