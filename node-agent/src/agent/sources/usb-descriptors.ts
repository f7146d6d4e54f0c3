import type { UsbDescriptor, UsbInterface } from '@autoweave/crds';

/** What the `descriptors` file of sysfs tells: ids, the device descriptor, and the interfaces of each configuration. */
export interface ParsedDescriptors {
  readonly vendorId: string;
  readonly productId: string;
  readonly device: Omit<UsbDescriptor, 'speedMegabits' | 'interfaces'>;
  /** By configuration value, in the order of the device. Alternate setting 0 only; drivers are empty. */
  readonly configurations: ReadonlyMap<number, readonly UsbInterface[]>;
}

const deviceType = 1;
const configurationType = 2;
const interfaceType = 4;
const deviceLength = 18;
const interfaceLength = 9;

/** Reads binary descriptors (USB 2.0, 9.6). Undefined when there is no whole device descriptor at the beginning. */
export function parseDescriptors(bytes: Buffer): ParsedDescriptors | undefined {
  if (bytes.length < deviceLength || bytes.readUInt8(0) < deviceLength || bytes.readUInt8(1) !== deviceType) {
    return undefined;
  }
  return {
    vendorId: hex(bytes.readUInt16LE(8), 4),
    productId: hex(bytes.readUInt16LE(10), 4),
    device: {
      deviceClass: hex(bytes.readUInt8(4), 2),
      deviceSubClass: hex(bytes.readUInt8(5), 2),
      deviceProtocol: hex(bytes.readUInt8(6), 2),
      usbVersion: versionText(bytes.readUInt16LE(2)),
      deviceVersion: versionText(bytes.readUInt16LE(12)),
      configurations: bytes.readUInt8(17),
    },
    configurations: parseConfigurations(bytes.subarray(bytes.readUInt8(0))),
  };
}

function parseConfigurations(bytes: Buffer): Map<number, UsbInterface[]> {
  const configurations = new Map<number, UsbInterface[]>();
  let interfaces: UsbInterface[] = [];
  for (const part of descriptorsIn(bytes)) {
    const type = part.readUInt8(1);
    if (type === configurationType && part.length > 5) {
      interfaces = [];
      configurations.set(part.readUInt8(5), interfaces);
    }
    if (type === interfaceType && part.length >= interfaceLength && part.readUInt8(3) === 0) {
      interfaces.push({
        number: part.readUInt8(2),
        class: hex(part.readUInt8(5), 2),
        subClass: hex(part.readUInt8(6), 2),
        protocol: hex(part.readUInt8(7), 2),
        driver: '',
      });
    }
  }
  return configurations;
}

/** Splits at the length byte of each descriptor; ends at the first impossible length, for a device may send anything. */
function* descriptorsIn(bytes: Buffer): Generator<Buffer> {
  let offset = 0;
  while (offset + 2 <= bytes.length) {
    const length = bytes.readUInt8(offset);
    if (length < 2 || offset + length > bytes.length) {
      return;
    }
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
}

/** Binary coded decimal to text: 0x0210 to `2.10`. */
export function versionText(bcd: number): string {
  return `${(bcd >> 8).toString(16)}.${hex(bcd & 0xff, 2)}`;
}

export function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
