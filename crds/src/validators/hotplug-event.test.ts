import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HotplugEvent, hotplugEventFields } from '../index.ts';
import { arbitraryHotplugEvent, hostileText, sampleHotplugEvent } from './testing/arbitrary-hotplug-event.ts';
import { parseHotplugEvent } from './hotplug-event.ts';

/** Many runs take long on a busy machine. */
const patience = { timeout: 60_000 };

function fieldsOf(event: HotplugEvent): Record<string, string> {
  return Object.fromEntries(hotplugEventFields(event));
}

function parsed(event: HotplugEvent): HotplugEvent {
  const result = parseHotplugEvent(fieldsOf(event));
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

describe('the fields of a hotplug event', () => {
  it('name what consumers rely on', () => {
    expect(hotplugEventFields(sampleHotplugEvent).map(([name]) => name)).toEqual([
      'schema',
      'event_id',
      'node',
      'epoch',
      'sequence',
      'action',
      'source',
      'partial',
      'device_name',
      'device_signature',
      'identity_quality',
      'vendor_id',
      'product_id',
      'manufacturer',
      'product',
      'serial_number',
      'bus_number',
      'device_address',
      'port_path',
      'sysfs_name',
      'interface_classes',
      'timestamp',
      'device_descriptor',
      'traceparent',
    ]);
  });

  it('come back as the same event', patience, () => {
    fc.assert(
      fc.property(arbitraryHotplugEvent(), (event) => {
        expect(parsed(event)).toEqual(event);
      }),
    );
  });

  it('come back well-formed and bounded, whatever the device says', patience, () => {
    fc.assert(
      fc.property(arbitraryHotplugEvent({ text: hostileText() }), (event) => {
        const known = parsed(event);
        for (const text of [known.manufacturer, known.product, known.serialNumber]) {
          expect(text.isWellFormed()).toBe(true);
          expect(text.length).toBeLessThanOrEqual(256);
        }
        expect(parsed(known)).toEqual(known);
      }),
    );
  });

  it('hold a descriptor of at most 2 KiB', () => {
    const usbInterface = { number: 0, class: '0e', subClass: '02', protocol: '00', driver: 'd'.repeat(64) };
    const interfaces = Array.from({ length: 40 }, (_, number) => ({ ...usbInterface, number }));
    const descriptor = { ...requiredDescriptor(), interfaces };
    const json = fieldsOf({ ...sampleHotplugEvent, deviceDescriptor: descriptor })['device_descriptor'] ?? '';

    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(2048);
    expect(JSON.parse(json)).toMatchObject({ deviceClass: descriptor.deviceClass });
    expect(parsed({ ...sampleHotplugEvent, deviceDescriptor: descriptor }).deviceDescriptor?.interfaces.length).toBe(
      14,
    );
  });
});

describe('a malformed stream entry', () => {
  it.each([
    ['action', 'add', 'action is "add"; give one of "attach", "detach"'],
    ['vendor_id', '46d', 'vendorId is "46d"; give four lowercase hex digits'],
    ['bus_number', '0x1', 'busNumber is "0x1"; give a value of type integer'],
    ['sequence', '0', 'sequence is 0; give a value that fits: it must be >= 1'],
    ['sequence', '99999999999999999999', 'sequence is "99999999999999999999"; give a value of type integer'],
    ['partial', 'yes', 'partial is "yes"; give a value of type boolean'],
    [
      'event_id',
      'other/0123456789ab/7',
      'eventId is "other/0123456789ab/7"; give node, epoch and sequence, node-1/0123456789ab/7',
    ],
    ['device_name', '', 'deviceName is ""; give the name of the device; only a partial event may lack it'],
    ['device_descriptor', '{', 'deviceDescriptor is "{"; give JSON: '],
    ['device_descriptor', 'null', 'deviceDescriptor is null; give a value of type object'],
    ['interface_classes', '03,hid', 'interfaceClasses[1] is "hid"; give two lowercase hex digits'],
    ['schema', '2', 'schema is "2"; give "1"'],
  ])('says that %s is wrong when it is %j', (name, value, message) => {
    const result = parseHotplugEvent({ ...fieldsOf(sampleHotplugEvent), [name]: value });
    expect(result).toMatchObject({ ok: false, failure: { message: expect.stringContaining(message) } });
  });

  it('is one with a string that no agent would have let through', () => {
    const result = parseHotplugEvent({ ...fieldsOf(sampleHotplugEvent), product: 'x'.repeat(257) });
    expect(result).toMatchObject({
      ok: false,
      failure: { field: 'product', message: expect.stringContaining('256 characters') },
    });
  });

  it('names each field that is missing, except the descriptor', () => {
    for (const [name] of hotplugEventFields(sampleHotplugEvent)) {
      const { [name]: _, ...fields } = fieldsOf(sampleHotplugEvent);
      const field = name.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
      expect(parseHotplugEvent(fields)).toMatchObject(
        name === 'device_descriptor' ? { ok: true } : { ok: false, failure: { field } },
      );
    }
  });

  it('never throws', patience, () => {
    const names = hotplugEventFields(sampleHotplugEvent).map(([name]) => name);
    const fields = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), hostileText());
    fc.assert(
      fc.property(fields, (broken) => {
        for (const entry of [broken, { ...fieldsOf(sampleHotplugEvent), ...broken }]) {
          expect(() => parseHotplugEvent(entry)).not.toThrow();
        }
      }),
    );
  });

  it('may hold fields of a newer agent', () => {
    expect(parseHotplugEvent({ ...fieldsOf(sampleHotplugEvent), later: '1' }).ok).toBe(true);
  });
});

function requiredDescriptor() {
  const { deviceDescriptor } = sampleHotplugEvent;
  if (deviceDescriptor === undefined) throw new Error('The sample has a descriptor');
  return deviceDescriptor;
}
