import type { ScannedDevice } from '../ports.ts';

/** Which devices exist for us. Deny wins; an empty allow list allows all. */
export interface DeviceFilters {
  readonly allow: readonly DeviceFilter[];
  readonly deny: readonly DeviceFilter[];
}

/** Every field that is given must match. Hex, lowercase. */
export interface DeviceFilter {
  readonly vendorId?: string;
  readonly productId?: string;
  /** Of the device or of one of its interfaces: most devices leave their class to the interfaces. */
  readonly deviceClass?: string;
}

export function isAllowed(device: ScannedDevice, { allow, deny }: DeviceFilters): boolean {
  const isMatched = (filter: DeviceFilter) => matches(device, filter);
  return !deny.some(isMatched) && (allow.length === 0 || allow.some(isMatched));
}

function matches({ vendorId, productId, descriptor }: ScannedDevice, filter: DeviceFilter): boolean {
  const { deviceClass } = filter;
  return (
    (filter.vendorId === undefined || filter.vendorId === vendorId) &&
    (filter.productId === undefined || filter.productId === productId) &&
    (deviceClass === undefined ||
      descriptor.deviceClass === deviceClass ||
      descriptor.interfaces.some((usbInterface) => usbInterface.class === deviceClass))
  );
}
