import { groupVersion, type UsbDevice, type UsbDeviceAttachment } from '@autoweave/crds';

export const sampleNow = Date.parse('2026-11-21T12:00:00Z');

/** RFC 3339 of so many hours before `sampleNow`. For tests. */
export function hoursAgo(hours: number): string {
  return new Date(sampleNow - hours * 3_600_000).toISOString();
}

export function sampleAttachment(changes: Partial<UsbDeviceAttachment> = {}): UsbDeviceAttachment {
  const nodeName = changes.nodeName ?? 'desk-1';
  return {
    nodeName,
    present: true,
    portPath: '1.4',
    since: hoursAgo(1),
    lastEventId: `${nodeName}/0123456789ab/1`,
    ...changes,
  };
}

/** A keyboard. For tests. */
export function sampleDevice(
  status: Partial<NonNullable<UsbDevice['status']>> = {},
  spec: NonNullable<UsbDevice['spec']> = {},
): UsbDevice {
  return {
    apiVersion: groupVersion,
    kind: 'UsbDevice',
    metadata: {
      name: '046d-c31c-00112233aabbccdd',
      uid: 'b1b6f9c7-7d0e-4d43-8bd4-5f4f5d5c0a51',
      resourceVersion: '1',
      generation: 3,
      creationTimestamp: hoursAgo(3),
    },
    spec,
    status: { descriptor: { vendorName: 'Logitech', productName: 'Keyboard K120' }, ...status },
  };
}
