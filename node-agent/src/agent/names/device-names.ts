import type { ScannedDevice } from '../ports.ts';
import type { UsbIdNames, UsbIds } from './usb-ids.ts';

/** What people call a device: its own words, else those of the database. */
export async function deviceNames(device: ScannedDevice, usbIds: UsbIds): Promise<UsbIdNames> {
  const { manufacturer, product } = device;
  if (manufacturer !== '' && product !== '') {
    return { vendorName: manufacturer, productName: product };
  }
  const known = await usbIds.lookUp(device);
  return { vendorName: manufacturer || known.vendorName, productName: product || known.productName };
}
