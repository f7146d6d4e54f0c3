import * as fc from 'fast-check';
import type { HotplugEvent, UsbDescriptor } from '../../index.ts';

/** A keyboard that came. For tests. */
export const sampleHotplugEvent: HotplugEvent = {
  schema: '1',
  eventId: 'node-1/0123456789ab/7',
  node: 'node-1',
  epoch: '0123456789ab',
  sequence: 7,
  action: 'attach',
  source: 'netlink',
  partial: false,
  deviceName: '046d-c31c-00112233aabbccdd',
  deviceSignature: '00112233aabbccdd',
  identityQuality: 'Port',
  vendorId: '046d',
  productId: 'c31c',
  manufacturer: 'Logitech',
  product: 'USB Keyboard',
  serialNumber: '',
  busNumber: 1,
  deviceAddress: 4,
  portPath: '1.4.2',
  sysfsName: '1-1.4.2',
  interfaceClasses: ['03'],
  timestamp: 1_763_700_000_000,
  deviceDescriptor: {
    deviceClass: '00',
    deviceSubClass: '00',
    deviceProtocol: '00',
    usbVersion: '1.10',
    deviceVersion: '64.02',
    configurations: 1,
    speedMegabits: 1.5,
    interfaces: [{ number: 0, class: '03', subClass: '01', protocol: '01', driver: 'usbhid' }],
  },
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

/** Any text that a broken or hostile device may tell: control characters, lone surrogates, up to 64 KiB. */
export function hostileText(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: 'binary' }) },
    {
      weight: 9,
      arbitrary: fc.string({ unit: fc.constantFrom('\u0000', '\ud800', '\udc00', '"', '\n', '😀', ',', '\u202e') }),
    },
    {
      weight: 1,
      arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }).map((text) => text.repeat(16_384)),
    },
  );
}

/** Any valid event; `text` are the strings that a device tells about itself. */
export function arbitraryHotplugEvent(options: { text?: fc.Arbitrary<string> } = {}): fc.Arbitrary<HotplugEvent> {
  const text = options.text ?? fc.string({ unit: 'grapheme', maxLength: 20 });
  const place = fc.record({
    node: fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,20}[a-z0-9])?$/),
    epoch: hex(12),
    sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  });
  const names = fc.record({ vendorId: hex(4), productId: hex(4), deviceSignature: hex(16) });
  const rest = fc.record({
    action: fc.constantFrom('attach' as const, 'detach' as const),
    source: fc.constantFrom('netlink' as const, 'sysfs' as const, 'node-usb' as const, 'simulated' as const),
    partial: fc.boolean(),
    identityQuality: fc.constantFrom('Serial' as const, 'Port' as const, 'Ambiguous' as const),
    manufacturer: text,
    product: text,
    serialNumber: text,
    busNumber: fc.integer({ min: 0, max: 65_535 }),
    deviceAddress: fc.integer({ min: 0, max: 255 }),
    portPath: fc.stringMatching(/^([0-9]{1,3}(\.[0-9]{1,3}){0,6})?$/),
    sysfsName: fc.stringMatching(/^[1-9]-[1-9](\.[1-9]){0,5}$/),
    interfaceClasses: fc.uniqueArray(hex(2), { maxLength: 32 }),
    timestamp: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
    traceparent: fc.tuple(hex(32), hex(16), hex(2)).map((parts) => ['00', ...parts].join('-')),
  });
  const descriptor = fc.option(arbitraryDescriptor(), { nil: undefined });
  return fc.tuple(place, names, rest, descriptor).map(([{ node, epoch, sequence }, ids, fields, deviceDescriptor]) => ({
    schema: '1',
    eventId: `${node}/${epoch}/${sequence}`,
    node,
    epoch,
    sequence,
    ...ids,
    deviceName: `${ids.vendorId}-${ids.productId}-${ids.deviceSignature}`,
    ...fields,
    ...(deviceDescriptor === undefined ? {} : { deviceDescriptor }),
  }));
}

function arbitraryDescriptor(): fc.Arbitrary<UsbDescriptor> {
  return fc.record({
    deviceClass: hex(2),
    deviceSubClass: hex(2),
    deviceProtocol: hex(2),
    usbVersion: fc.stringMatching(/^[0-9]{1,2}\.[0-9]{2}$/),
    deviceVersion: fc.stringMatching(/^[0-9]{1,2}\.[0-9]{2}$/),
    configurations: fc.integer({ min: 0, max: 255 }),
    speedMegabits: fc.constantFrom(1.5, 12, 480, 5000, 10_000, 20_000),
    interfaces: fc.array(
      fc.record({
        number: fc.integer({ min: 0, max: 255 }),
        class: hex(2),
        subClass: hex(2),
        protocol: hex(2),
        driver: fc.stringMatching(/^[a-z_-]{0,20}$/),
      }),
      { maxLength: 8 },
    ),
  });
}

function hex(length: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });
}
