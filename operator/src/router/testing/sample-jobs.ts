import type { HotplugEvent } from '@autoweave/crds';
import type { RoomEntry } from '../room-state.ts';

export const testTraceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;

export function testEvent(overrides: Partial<HotplugEvent> = {}): HotplugEvent {
  return {
    schema: '1',
    eventId: 'a/0123456789ab/1',
    node: 'a',
    epoch: '0123456789ab',
    sequence: 1,
    action: 'attach',
    source: 'netlink',
    partial: false,
    deviceName: '046d-c31c-0011223344556677',
    deviceSignature: '0011223344556677',
    identityQuality: 'Serial',
    vendorId: '046d',
    productId: 'c31c',
    manufacturer: 'Logitech',
    product: 'Keyboard',
    serialNumber: 'S1',
    busNumber: 1,
    deviceAddress: 4,
    portPath: '1',
    sysfsName: '1-1',
    interfaceClasses: ['03'],
    timestamp: 1_000_000,
    traceparent: testTraceparent,
    ...overrides,
  };
}

/** A job of plugin `p` for a device; an event job when `event` is given. */
export function testEntry(id: string, overrides: Partial<RoomEntry> = {}): RoomEntry {
  return {
    id,
    type: overrides.event === undefined ? 'plugin.job' : `usb.${overrides.event.action}`,
    plugin: { namespace: 'default', name: 'p' },
    pluginUid: 'u',
    deviceName: '046d-c31c-0011223344556677',
    exclusive: false,
    createdAt: 1_000_000,
    expiresAt: 2_000_000,
    traceparent: testTraceparent,
    ...overrides,
  };
}

export function testEventEntry(id: string, node: string, overrides: Partial<RoomEntry> = {}): RoomEntry {
  return testEntry(id, { event: testEvent({ node, eventId: `${node}/0123456789ab/${id}` }), node, ...overrides });
}
