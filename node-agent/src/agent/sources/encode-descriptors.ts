import type { UsbInterface } from '@autoweave/crds';
import type { ScannedDevice } from '../ports.ts';

/** The `descriptors` file that the kernel would show for this device: the inverse of `parseDescriptors`. */
export function encodeDescriptors({ vendorId, productId, descriptor }: ScannedDevice): Buffer {
  const device = Buffer.alloc(18);
  device.writeUInt8(18, 0);
  device.writeUInt8(1, 1);
  device.writeUInt16LE(versionBcd(descriptor.usbVersion), 2);
  device.writeUInt8(byte(descriptor.deviceClass), 4);
  device.writeUInt8(byte(descriptor.deviceSubClass), 5);
  device.writeUInt8(byte(descriptor.deviceProtocol), 6);
  device.writeUInt16LE(Number.parseInt(vendorId, 16), 8);
  device.writeUInt16LE(Number.parseInt(productId, 16), 10);
  device.writeUInt16LE(versionBcd(descriptor.deviceVersion), 12);
  device.writeUInt8(descriptor.configurations, 17);
  const interfaces = descriptor.interfaces.map(encodeInterface);
  const configuration = Buffer.from([9, 2, 0, 0, interfaces.length, 1, 0, 0x80, 50]);
  configuration.writeUInt16LE(configuration.length + interfaces.length * 9, 2);
  return Buffer.concat([device, configuration, ...interfaces]);
}

function encodeInterface(usbInterface: UsbInterface): Buffer {
  const { number, subClass, protocol } = usbInterface;
  return Buffer.from([9, 4, number, 0, 0, byte(usbInterface.class), byte(subClass), byte(protocol), 0]);
}

function versionBcd(text: string): number {
  const [major = '0', minor = '0'] = text.split('.');
  return (Number.parseInt(major, 16) << 8) | Number.parseInt(minor, 16);
}

function byte(text: string): number {
  return Number.parseInt(text, 16);
}
