import { classText } from '../names/class-text.ts';
import { deviceNames } from '../names/device-names.ts';
import type { UsbIds } from '../names/usb-ids.ts';
import type { KnownDevice } from '../ports.ts';
import { tableText } from './table-text.ts';

export type PrintFormat = 'json' | 'table';

const header = ['NAME', 'PORT', 'VID:PID', 'VENDOR', 'PRODUCT', 'SERIAL', 'CLASS', 'SPEED', 'DRIVER', 'IDENTITY'];

/** What `autoweave-agent print` writes: the devices of this machine in the order of their ports. */
export async function printDevices(
  devices: readonly KnownDevice[],
  { format, usbIds }: { readonly format: PrintFormat; readonly usbIds: UsbIds },
): Promise<string> {
  const named = await Promise.all(
    devices.toSorted(byPort).map(async (device) => ({ ...(await deviceNames(device, usbIds)), device })),
  );
  if (format === 'json') {
    const list = named.map(({ device, ...names }) => ({ ...device, ...names, class: classText(device.descriptor) }));
    return `${JSON.stringify(list, undefined, 2)}\n`;
  }
  if (named.length === 0) {
    return 'No USB devices found.\n';
  }
  return tableText(
    header,
    named.map(({ device, vendorName, productName }) => [
      device.name,
      device.sysfsName,
      `${device.vendorId}:${device.productId}`,
      vendorName || '-',
      productName || '-',
      device.serialNumber || '-',
      classText(device.descriptor),
      device.descriptor.speedMegabits > 0 ? `${device.descriptor.speedMegabits} Mbit/s` : '-',
      driversOf(device) || '-',
      device.identityQuality,
    ]),
  );
}

function driversOf({ descriptor }: KnownDevice): string {
  const drivers = descriptor.interfaces.map((usbInterface) => usbInterface.driver).filter((driver) => driver !== '');
  return [...new Set(drivers)].join(',');
}

/** `1-2` before `1-10`. */
function byPort(left: KnownDevice, right: KnownDevice): number {
  return left.sysfsName.localeCompare(right.sysfsName, 'en', { numeric: true });
}
