import { describe, expect, it } from 'vitest';
import { chooseDevice } from './find-device.ts';

const candidates = [
  { name: '046d-c31c-1111111111111111', alias: 'keys' },
  { name: '046d-c31c-2222222222222222', alias: 'scanner-1' },
  { name: '0781-5581-3333333333333333', alias: undefined },
  { name: '0781-5581-4444444444444444', alias: 'twin' },
  { name: '0781-5581-5555555555555555', alias: 'twin' },
];

describe('the device that a word means', () => {
  it.each([
    ['046d-c31c-1111111111111111', '046d-c31c-1111111111111111'],
    ['046d-c31c-1', '046d-c31c-1111111111111111'],
    ['keys', '046d-c31c-1111111111111111'],
    ['scan', '046d-c31c-2222222222222222'],
  ])('%s is %s', (word, name) => {
    expect(chooseDevice(word, candidates)).toBe(name);
  });

  it('is the one with the alias, even when other names begin so', () => {
    expect(chooseDevice('046d', [...candidates, { name: '1d6b-0002-6666666666666666', alias: '046d' }])).toMatch(
      /^1d6b/,
    );
  });

  it.each(['nothing', '', 'C31C'])('is unknown for "%s"', (word) => {
    expect(() => chooseDevice(word, candidates)).toThrow(
      expect.objectContaining({ code: 'AW_DEVICE_UNKNOWN', field: 'device', value: word }),
    );
  });

  it.each(['046d-c31c', 'twin', '0'])('is ambiguous for "%s", and some are named', (word) => {
    expect(() => chooseDevice(word, candidates)).toThrow(
      expect.objectContaining({
        code: 'AW_DEVICE_AMBIGUOUS',
        field: 'device',
        value: word,
        message: expect.stringMatching(/\d UsbDevices are meant: 0\w+-.* \(/),
      }),
    );
  });
});
