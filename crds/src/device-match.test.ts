import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesDevice, unmatchedFields, type MatchedDevice } from './device-match.ts';

const keyboard: MatchedDevice = {
  deviceName: '046d-c31c-b75b58848b391825',
  vendorId: '046d',
  productId: 'c31c',
  serialNumber: '',
  classes: ['00', '03'],
};

describe('a match', () => {
  it.each([
    [{}, []],
    [{ vendorIds: ['0781', '046d'] }, []],
    [{ deviceClasses: ['03'] }, []],
    [{ deviceNames: [keyboard.deviceName], productIds: ['c31c'] }, []],
    [{ vendorIds: ['0781'] }, ['vendorIds']],
    [{ vendorIds: [] }, ['vendorIds']],
    [{ vendorIds: ['0781'], productIds: ['c31c'], serialNumbers: ['A1'] }, ['vendorIds', 'serialNumbers']],
    [{ deviceClasses: ['08'] }, ['deviceClasses']],
  ])('%j fails at %j', (match, fields) => {
    expect(unmatchedFields(match, keyboard).map(({ field }) => field)).toEqual(fields);
    expect(matchesDevice(match, keyboard)).toBe(fields.length === 0);
  });

  it('says what was wanted, and what the device has', () => {
    expect(unmatchedFields({ deviceClasses: ['08'] }, keyboard)).toEqual([
      { field: 'deviceClasses', wanted: ['08'], found: ['00', '03'] },
    ]);
  });

  it('fails exactly when there is a reason', () => {
    const list = fc.option(fc.subarray(['046d', 'c31c', '03', '', '0781']), { nil: undefined });
    const match = fc.record({ vendorIds: list, productIds: list, serialNumbers: list, deviceClasses: list });
    fc.assert(
      fc.property(match, (lists) => {
        const given = Object.fromEntries(Object.entries(lists).filter(([, value]) => value !== undefined));
        expect(matchesDevice(given, keyboard)).toBe(unmatchedFields(given, keyboard).length === 0);
      }),
    );
  });
});
