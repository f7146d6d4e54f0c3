import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDescriptors } from './encode-descriptors.ts';
import { recordedDevices } from './recorded-devices.ts';
import { parseDescriptors } from './usb-descriptors.ts';

describe('binary descriptors', () => {
  it.each(recordedDevices)('tell of $vendorId:$productId what its attributes tell', (device) => {
    const parsed = parseDescriptors(encodeDescriptors(device));
    const { interfaces, speedMegabits, ...own } = device.descriptor;
    expect(parsed).toMatchObject({ vendorId: device.vendorId, productId: device.productId, device: own });
    expect(parsed?.configurations.get(1)).toEqual(interfaces.map((each) => ({ ...each, driver: '' })));
    expect(speedMegabits).toBeGreaterThan(0);
  });

  it('never throw, whatever a device sends', () => {
    const [device] = recordedDevices.slice(-1);
    const valid = device ? encodeDescriptors(device) : Buffer.alloc(0);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (noise, cut) => {
        parseDescriptors(Buffer.from(noise));
        parseDescriptors(Buffer.concat([valid.subarray(0, cut), noise]));
      }),
    );
  });

  it('are nothing without a whole device descriptor', () => {
    expect(parseDescriptors(Buffer.alloc(0))).toBeUndefined();
    expect(parseDescriptors(Buffer.alloc(18))).toBeUndefined();
    expect(parseDescriptors(Buffer.from([18, 1, 0, 2]))).toBeUndefined();
  });
});
