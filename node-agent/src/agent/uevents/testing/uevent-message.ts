import type { ScannedDevice } from '../../ports.ts';
import { linux } from '../libc.ts';

/** The text of a uevent about this device, as the kernel builds it, but for SEQNUM, which the kernel appends. */
export function ueventText(
  action: string,
  device: ScannedDevice,
  extra: Readonly<Record<string, string>> = {},
): string {
  const { devicePath, busNumber, deviceAddress, descriptor } = device;
  const numbers = [busNumber, deviceAddress].map((number) => String(number).padStart(3, '0'));
  const classes = [descriptor.deviceClass, descriptor.deviceSubClass, descriptor.deviceProtocol];
  const values = {
    ACTION: action,
    DEVPATH: devicePath,
    SUBSYSTEM: 'usb',
    MAJOR: '189',
    MINOR: String((busNumber - 1) * 128 + deviceAddress - 1),
    DEVNAME: `bus/usb/${numbers.join('/')}`,
    DEVTYPE: 'usb_device',
    PRODUCT: [device.vendorId, device.productId, descriptor.deviceVersion.replace('.', '')].map(withoutZeros).join('/'),
    TYPE: classes.map((text) => Number.parseInt(text, 16)).join('/'),
    BUSNUM: numbers[0],
    DEVNUM: numbers[1],
    ...extra,
  };
  const pairs = Object.entries(values).map(([key, value]) => `${key}=${value}\0`);
  return `${action}@${devicePath}\0${pairs.join('')}`;
}

/** A uevent as one sends it to the kernel, which relays it to its listeners as if it were its own (since Linux 4.18). */
export function netlinkRequest(text: string): Buffer {
  const header = Buffer.alloc(16);
  const body = Buffer.from(text);
  header.writeUInt32LE(header.length + body.length, 0);
  header.writeUInt16LE(linux.NLMSG_MIN_TYPE, 4);
  header.writeUInt16LE(linux.NLM_F_REQUEST, 6);
  return Buffer.concat([header, body]);
}

function withoutZeros(hex: string): string {
  return Number.parseInt(hex, 16).toString(16);
}
