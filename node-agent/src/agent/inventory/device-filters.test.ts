import { describe, expect, it } from 'vitest';
import type { ScannedDevice } from '../ports.ts';
import { recordedDevices } from '../sources/recorded-devices.ts';
import { isAllowed, type DeviceFilter } from './device-filters.ts';

const [keyboard] = recordedDevices as [ScannedDevice];
const logitech: DeviceFilter = { vendorId: '046d' };
const k120: DeviceFilter = { vendorId: '046d', productId: 'c31c' };
const mouse: DeviceFilter = { vendorId: '046d', productId: 'c077' };
const hid: DeviceFilter = { deviceClass: '03' };
const storage: DeviceFilter = { deviceClass: '08' };

describe('filters', () => {
  it.each<[string, boolean, readonly DeviceFilter[], readonly DeviceFilter[]]>([
    ['allow all when there are none', true, [], []],
    ['allow what one of the allowed matches', true, [storage, logitech], []],
    ['hide what none of the allowed matches', false, [storage, mouse], []],
    ['hide what is denied', false, [], [k120]],
    ['hide what is both allowed and denied', false, [k120], [logitech]],
    ['match a class by the interfaces', true, [hid], []],
    ['match only where every field does', true, [], [{ ...k120, deviceClass: '08' }]],
  ])('%s', (_name, expected, allow, deny) => {
    expect(isAllowed(keyboard, { allow, deny })).toBe(expected);
  });
});
