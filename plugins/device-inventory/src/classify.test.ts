import type { DeviceInfo, UsbInterface } from '@autoweave/sdk';
import { describe, expect, it } from 'vitest';
import { classify } from './classify.ts';

/** Interfaces as `class/subclass/protocol[:driver]`. */
function device(interfaces: readonly string[], more: Partial<DeviceInfo> & { deviceClass?: string } = {}): DeviceInfo {
  const { deviceClass = '00', ...fields } = more;
  const parsed = interfaces.map((text, number): UsbInterface => {
    const [triple = '', driver = ''] = text.split(':');
    const [type = '', subClass = '', protocol = ''] = triple.split('/');
    return { number, class: type, subClass, protocol, driver };
  });
  return {
    name: 'd',
    signature: '0'.repeat(16),
    identityQuality: 'Serial',
    vendorId: 'dead',
    productId: 'beef',
    manufacturer: '',
    product: '',
    serialNumber: '',
    portPath: '1',
    busNumber: 1,
    deviceAddress: 2,
    interfaceClasses: [...new Set(parsed.map((found) => found.class))],
    descriptor: {
      deviceClass,
      deviceSubClass: '00',
      deviceProtocol: '00',
      usbVersion: '2.00',
      deviceVersion: '1.00',
      configurations: 1,
      speedMegabits: 480,
      interfaces: parsed,
    },
    ...fields,
  };
}

describe('a device is classified', () => {
  it.each([
    ['keyboard', 'a keyboard', device(['03/01/01:usbhid', '03/00/00:usbhid'])],
    ['mouse', 'a mouse', device(['03/01/02'])],
    ['input', 'a tablet', device(['03/00/00'])],
    ['storage', 'a stick', device(['08/06/50:usb-storage'])],
    ['phone', 'an Android phone', device(['06/01/01', 'ff/42/01'], { vendorId: '2a70' })],
    ['phone', 'an iPhone', device(['06/01/01'], { vendorId: '05ac' })],
    ['camera', 'a photo camera', device(['06/01/01'], { vendorId: '04b0' })],
    ['camera', 'a webcam with a microphone', device(['0e/01/00', '0e/02/00', '01/01/00'], { deviceClass: 'ef' })],
    ['audio', 'a headset with buttons', device(['01/01/00', '01/02/00', '03/00/00'])],
    ['serial', 'a microcontroller', device(['02/02/01:cdc_acm', '0a/00/00:cdc_acm'])],
    ['serial', 'an FTDI converter', device(['ff/ff/ff'], { vendorId: '0403' })],
    ['serial', 'a converter known by its driver', device(['ff/01/02:ch341'])],
    ['network', 'an Ethernet adapter', device(['02/06/00', '0a/00/00'])],
    ['network', 'a tethering phone without debugging', device(['e0/01/03', '0a/00/00'])],
    ['bluetooth', 'a Bluetooth adapter', device(['e0/01/01', 'e0/01/01'])],
    ['printer', 'a printer', device(['07/01/02'])],
    ['hub', 'a hub', device(['09/00/00'], { deviceClass: '09' })],
    [
      'security key',
      'a YubiKey, which is a keyboard, too',
      device(['03/01/01', '03/00/00', '0b/00/00'], { vendorId: '1050' }),
    ],
    ['security key', 'a FIDO key', device(['03/00/00'], { product: 'SoloKeys FIDO2 Key' })],
    ['smart card reader', 'a card reader', device(['0b/00/00'])],
    ['unknown', 'something of its vendor', device(['ff/00/00'])],
    ['unknown', 'a device that was gone at once', device([])],
  ] as const)('as %s: %s', (category, _, info) => {
    const found = classify(info);
    expect(found.category).toBe(category);
    expect(found.reason).not.toBe('');
  });

  it('without its descriptor, from its classes alone', () => {
    const { descriptor: _, ...partial } = device(['08/06/50']);
    expect(classify(partial)).toEqual({ category: 'storage', reason: 'class 08 (mass storage)' });
  });

  it('with the reason', () => {
    expect(classify(device(['ff/00/00', 'dc/00/00'])).reason).toBe('no rule for class ff, class dc');
    expect(classify(device(['ff/ff/ff'], { vendorId: '0403' })).reason).toBe('class ff (vendor) by FTDI, vendor 0403');
  });
});
