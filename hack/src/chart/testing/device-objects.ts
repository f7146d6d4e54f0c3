/** The node of the agent that is tried. */
export const node = 'node-a';
export const otherNode = 'node-b';
export const deviceName = '046d-c31c-0123456789abcdef';
/** As the name says them. */
export const labels = { 'autoweave.dev/vendor-id': '046d', 'autoweave.dev/product-id': 'c31c' };

export interface DeviceStatus {
  readonly metadata: { readonly name: string };
  readonly status: { readonly attachments: readonly object[] };
}

export function statusOf(nodeName: string, change: object = {}): DeviceStatus {
  return { metadata: { name: deviceName }, status: { attachments: [{ ...entry(nodeName), ...change }] } };
}

export function entry(nodeName: string): object {
  const place = { portPath: '1', sysfsName: '1-1', busNumber: 1, deviceAddress: 2, drivers: [], source: 'kernel' };
  return { nodeName, present: true, ...place, since: '2026-01-01T00:00:00Z', lastEventId: 'a' };
}

export function descriptor(product: string): object {
  return {
    id: '046d:c31c',
    product,
    class: 'hid',
    deviceClass: '00',
    interfaceClasses: ['03'],
    usbVersion: '2.0',
    deviceVersion: '1.0',
    speedMegabits: 12,
  };
}

export function condition(): object {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return {
    type: 'Attached',
    status: 'True',
    reason: 'Attached',
    message: '',
    lastTransitionTime,
    observedGeneration: 1,
  };
}
