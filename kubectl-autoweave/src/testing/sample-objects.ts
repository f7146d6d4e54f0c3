import {
  groupVersion,
  type AutoWeavePlugin,
  type UsbDevice,
  type UsbDeviceAttachment,
  type UsbNode,
} from '@autoweave/crds';

/** A signature that no other test has. */
export function uniqueSignature(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 16);
}

/** A Logitech keyboard, but for what is given. */
export function sampleDevice(given: {
  readonly name?: string;
  readonly spec?: UsbDevice['spec'];
  readonly status?: UsbDevice['status'];
  readonly attachments?: readonly UsbDeviceAttachment[];
}): UsbDevice {
  const name = given.name ?? `046d-c31c-${uniqueSignature()}`;
  const [vendorId = '', productId = '', signature = ''] = name.split('-');
  return {
    apiVersion: groupVersion,
    kind: 'UsbDevice',
    metadata: { name },
    spec: given.spec ?? {},
    status: {
      identity: { vendorId, productId, signature, quality: 'Port' },
      descriptor: {
        id: `${vendorId}:${productId}`,
        vendorName: 'Logitech',
        productName: 'USB Keyboard',
        class: 'hid',
        deviceClass: '00',
        interfaceClasses: ['03'],
      },
      attachments: given.attachments ?? [],
      ...given.status,
    },
  };
}

export function attachment(nodeName: string, given: Partial<UsbDeviceAttachment> = {}): UsbDeviceAttachment {
  return {
    nodeName,
    present: true,
    portPath: '1',
    sysfsName: '1-1',
    busNumber: 1,
    since: '2026-01-02T03:04:05.678Z',
    lastEventId: `${nodeName}/epoch/1`,
    ...given,
  };
}

export function sampleNode(name: string, conditions: Readonly<Record<string, boolean>> = { Ready: true }): UsbNode {
  return {
    apiVersion: groupVersion,
    kind: 'UsbNode',
    metadata: { name },
    status: {
      agentVersion: '0.1.0',
      conditions: Object.entries(conditions).map(([type, holds]) => ({
        type,
        status: holds ? 'True' : 'False',
        reason: holds ? 'Fine' : 'Broken',
        message: holds ? 'all is well' : `${type} is broken`,
        lastTransitionTime: '2026-01-02T03:04:05Z',
      })),
    },
  };
}

/** It runs for every device, but for what is given. */
export function samplePlugin(given: {
  readonly name?: string;
  readonly namespace?: string;
  readonly spec?: Partial<AutoWeavePlugin['spec']>;
  readonly status?: AutoWeavePlugin['status'];
}): AutoWeavePlugin {
  return {
    apiVersion: groupVersion,
    kind: 'AutoWeavePlugin',
    metadata: { name: given.name ?? 'inventory', namespace: given.namespace ?? 'default', uid: 'u-1', generation: 1 },
    spec: {
      source: { files: { 'autoweave.plugin.json': '{}' } },
      triggers: [{ actions: ['attach', 'detach'] }],
      ...given.spec,
    },
    status: {
      phase: 'Running',
      bundle: { name: 'inventory', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
      permissions: { usb: [{ operation: 'monitor' }] },
      workers: [{ node: 'desk-1', state: 'Loaded' }],
      ...given.status,
    },
  };
}
