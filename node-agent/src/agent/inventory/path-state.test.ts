import { describe, expect, it } from 'vitest';
import type { ScannedDevice, UsbEdge } from '../ports.ts';
import { recordedDevices } from '../sources/recorded-devices.ts';
import { advance, correct, emptyPath, receiveEdge, resolveHead, type PathState, type Step } from './path-state.ts';

const [keyboard] = recordedDevices as [ScannedDevice];

/** The device as it is after its nth plug. */
function plugged(deviceAddress: number): ScannedDevice {
  return { ...keyboard, deviceAddress };
}

function edge(action: UsbEdge['action'], deviceAddress: number, sequence: number): UsbEdge {
  return { ...plugged(deviceAddress), action, kernelSequence: BigInt(sequence), timestamp: sequence * 1000 };
}

function after(...edges: readonly UsbEdge[]): PathState {
  return edges.reduce(receiveEdge, emptyPath);
}

function holding(deviceAddress: number): PathState {
  return { ...emptyPath, occupant: { device: plugged(deviceAddress), partial: false } };
}

function told({ told: transitions }: Step): string[] {
  return transitions.map(({ action, device, partial, corrects, timestamp }) =>
    [action, device.deviceAddress, ...(partial ? ['partial'] : []), ...(corrects ? ['corrects'] : []), timestamp].join(
      ' ',
    ),
  );
}

describe('a device path', () => {
  it('waits with an attach until the device was read, then tells it with the time of the edge', () => {
    const waiting = advance(after(edge('add', 5, 1)));
    expect(told(waiting)).toEqual([]);
    const read = resolveHead(waiting.state, plugged(5));
    expect(told(read)).toEqual(['attach 5 1000']);
    expect(read.state).toMatchObject({ pending: [], occupant: { partial: false } });
  });

  it('tells a detach at once, with the time of the edge', () => {
    const step = advance(receiveEdge(holding(5), edge('remove', 5, 2)));
    expect(told(step)).toEqual(['detach 5 2000']);
    expect(step.state.occupant).toBeUndefined();
  });

  it('tells a device that vanished unread as partial, and then that it left', () => {
    const read = resolveHead(after(edge('add', 5, 1), edge('remove', 5, 2)), undefined);
    expect(told(read)).toEqual(['attach 5 partial 1000']);
    expect(told(advance(read.state))).toEqual(['detach 5 partial 2000']);
  });

  it('reads no device that the kernel has told to be gone already', () => {
    const step = advance(after(edge('add', 5, 1), edge('remove', 5, 2), edge('add', 6, 3)));
    expect(told(step)).toEqual(['attach 5 partial 1000', 'detach 5 partial 2000']);
    expect(step.state).toMatchObject({ pending: [{ deviceAddress: 6 }] });
  });

  it('tells the first of two devices as partial when the read already finds the second', () => {
    let step = resolveHead(after(edge('add', 5, 1), edge('remove', 5, 2), edge('add', 6, 3)), plugged(6));
    expect(told(step)).toEqual(['attach 5 partial 1000']);
    step = advance(step.state);
    expect(told(step)).toEqual(['detach 5 partial 2000']);
    expect(told(resolveHead(step.state, plugged(6)))).toEqual(['attach 6 3000']);
  });

  it.each([
    ['repeated', edge('add', 5, 7)],
    ['overtaken', edge('remove', 5, 6)],
  ])('takes no notice of a %s edge', (_name, late) => {
    const state = resolveHead(after(edge('add', 5, 7)), plugged(5)).state;
    expect(receiveEdge(state, late)).toBe(state);
  });

  it('takes no notice of an add of what it holds, and of a remove of what it never held', () => {
    expect(advance(receiveEdge(holding(5), edge('add', 5, 1)))).toMatchObject({ told: [], state: { pending: [] } });
    expect(advance(after(edge('remove', 5, 1)))).toMatchObject({ told: [], state: { pending: [] } });
  });

  describe('whose last edge was lost', () => {
    it('tells that its device left before it tells the next one', () => {
      const waiting = advance(receiveEdge(holding(5), edge('add', 6, 9)));
      expect(waiting.told).toEqual([]);
      expect(told(resolveHead(waiting.state, plugged(6)))).toEqual(['detach 5 corrects 9000', 'attach 6 9000']);
    });

    it('asks what is there when another device than its own is said to leave', () => {
      const waiting = advance(receiveEdge(holding(5), edge('remove', 6, 9)));
      expect(waiting).toMatchObject({ told: [], state: { pending: [{ deviceAddress: 6 }] } });
      expect(told(resolveHead(waiting.state, undefined))).toEqual(['detach 5 corrects 9000']);
      expect(resolveHead(waiting.state, plugged(5))).toMatchObject({ told: [], state: { pending: [] } });
    });

    it('forgets an add that is older than what it holds', () => {
      const waiting = advance(receiveEdge(holding(6), edge('add', 5, 9)));
      expect(resolveHead(waiting.state, plugged(6))).toMatchObject({ told: [], state: { pending: [] } });
    });
  });

  describe('that is corrected', () => {
    it.each([
      ['nothing, as expected', emptyPath, undefined, []],
      ['its device, as expected', holding(5), plugged(5), []],
      ['a device', emptyPath, plugged(5), ['attach 5 corrects 77']],
      ['nothing any more', holding(5), undefined, ['detach 5 corrects 77']],
      ['another device', holding(5), plugged(6), ['detach 5 corrects 77', 'attach 6 corrects 77']],
      [
        'the same device with a serial number that it only shows now',
        holding(5),
        { ...plugged(5), serialNumber: 'A10KY3FD' },
        ['detach 5 corrects 77', 'attach 5 corrects 77'],
      ],
      [
        'whole what was told as partial',
        { ...emptyPath, occupant: { device: plugged(5), partial: true } },
        plugged(5),
        ['detach 5 partial corrects 77', 'attach 5 corrects 77'],
      ],
    ])('finds %s', (_name, state, found, expected) => {
      const step = correct(state, found, 77);
      expect(told(step)).toEqual(expected);
      expect(step.state.occupant?.device.deviceAddress).toBe(found?.deviceAddress);
      expect(told(correct(step.state, found, 78))).toEqual([]);
    });
  });
});
