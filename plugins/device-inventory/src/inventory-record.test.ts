import type { HotplugEvent } from '@autoweave/sdk';
import { describe, expect, it } from 'vitest';
import { type InventoryRecord, nextRecord } from './inventory-record.ts';
import { answerQuery } from './query.ts';

function event(number: number, action: 'attach' | 'detach', more: Partial<HotplugEvent['device']> = {}): HotplugEvent {
  return {
    action,
    id: `n1/0123456789ab/${number}`,
    node: 'n1',
    timestamp: number * 1000,
    partial: false,
    device: {
      name: '046d-c31c-00112233aabbccdd',
      signature: '00112233aabbccdd',
      identityQuality: 'Serial',
      vendorId: '046d',
      productId: 'c31c',
      manufacturer: 'Logitech',
      product: 'Keyboard K120',
      serialNumber: '',
      portPath: '1.2',
      busNumber: 1,
      deviceAddress: 3,
      interfaceClasses: ['03'],
      ...more,
    },
  };
}

function recordOf(...events: readonly HotplugEvent[]): InventoryRecord | undefined {
  return events.reduce<InventoryRecord | undefined>(nextRecord, undefined);
}

describe('the record of a device', () => {
  it('tells what it is and when it was seen', () => {
    expect(recordOf(event(1, 'attach'))).toEqual({
      device: '046d-c31c-00112233aabbccdd',
      category: 'input',
      reason: 'class 03 (HID)',
      label: 'Logitech Keyboard K120',
      present: true,
      node: 'n1',
      port: '1.2',
      ports: ['n1/1.2'],
      firstSeen: 1000,
      lastSeen: 1000,
      timesSeen: 1,
      lastEvent: 'n1/0123456789ab/1',
    });
  });

  it('counts how often it was plugged in, and where', () => {
    const record = recordOf(event(1, 'attach'), event(2, 'detach'), event(3, 'attach', { portPath: '4' }));
    expect(record).toMatchObject({ present: true, timesSeen: 2, firstSeen: 1000, lastSeen: 3000, port: '4' });
    expect(record?.ports).toEqual(['n1/4', 'n1/1.2']);
  });

  it('keeps the eight latest ports', () => {
    const events = Array.from({ length: 20 }, (_, index) => event(index + 1, 'attach', { portPath: String(index) }));
    expect(recordOf(...events)?.ports).toHaveLength(8);
  });

  it('does not change when an event comes a second time', () => {
    expect(recordOf(event(1, 'attach'), event(1, 'attach'))?.timesSeen).toBe(1);
  });

  it('keeps what is known when the device was gone before it could be read', () => {
    const gone = { interfaceClasses: [], manufacturer: '', product: '' };
    expect(recordOf(event(1, 'attach'), event(2, 'detach', gone))).toMatchObject({
      present: false,
      category: 'input',
      label: 'Logitech Keyboard K120',
    });
  });

  it('has ids for a label when the device has no name', () => {
    expect(recordOf(event(1, 'attach', { manufacturer: '', product: '' }))?.label).toBe('046d:c31c');
  });
});

describe('a query', () => {
  const keyboard = nextRecord(undefined, event(1, 'attach'));
  const stick = nextRecord(undefined, event(2, 'detach', { name: 'stick', interfaceClasses: ['08'] }));

  it('counts', () => {
    expect(answerQuery({ query: 'summary' }, [keyboard, stick])).toEqual({
      known: 2,
      present: 1,
      categories: { input: 1, storage: 1 },
    });
  });

  it('lists, the latest first', () => {
    const answer = answerQuery({ query: 'list' }, [keyboard, stick]);
    expect(answer).toMatchObject({ total: 2, devices: [{ device: 'stick' }, { device: keyboard.device }] });
    expect(answerQuery({ query: 'list', category: 'input' }, [keyboard, stick])).toMatchObject({ total: 1 });
  });

  it('shows one device', () => {
    expect(answerQuery({ query: 'device', name: 'stick' }, [keyboard, stick])).toEqual(stick);
    expect(answerQuery({ query: 'device', name: 'none' }, [keyboard])).toBeNull();
  });

  it('fits into a result with a thousand devices', () => {
    const many = Array.from({ length: 1000 }, (_, n) => ({
      ...keyboard,
      device: `${'x'.repeat(26)}${n}`,
      label: 'y'.repeat(100),
    }));
    expect(JSON.stringify(answerQuery({ query: 'list' }, many)).length).toBeLessThan(16 * 1024);
  });

  it.each([null, 'summary', {}, { query: 'drop' }, []])('names what may be asked when it is %j', (payload) => {
    expect(() => answerQuery(payload, [])).toThrow('Ask {"query": "summary"}');
  });
});
