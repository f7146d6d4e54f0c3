import type { IdentityQuality } from '@autoweave/crds';
import type { DistrustedSerials, ScannedDevice } from '../ports.ts';
import { deviceLocation } from './device-location.ts';
import { isDummySerial } from './dummy-serial.ts';
import { signature } from './signature.ts';

export interface DeviceIdentity {
  /** `<vid>-<pid>-<signature>`: a DNS label. */
  readonly name: string;
  readonly signature: string;
  readonly identityQuality: IdentityQuality;
}

/**
 * Who a device is, wherever it is plugged in when its serial number can be trusted, else by the port it is in.
 * `Ambiguous`: it has a serial number, but two devices carried that one at once.
 */
export function identifyDevice(
  device: ScannedDevice,
  { nodeName, distrusted }: { readonly nodeName: string; readonly distrusted: Pick<DistrustedSerials, 'has'> },
): DeviceIdentity {
  const { vendorId, productId, serialNumber } = device;
  const key = serialKey(device);
  if (key !== undefined && !distrusted.has(key)) {
    return named(device, 'Serial', signature([vendorId, productId, serialNumber]));
  }
  const location = deviceLocation(device);
  return named(device, key === undefined ? 'Port' : 'Ambiguous', signature([vendorId, productId, nodeName, location]));
}

/** What two devices may not share if their serial number is to be trusted. Undefined without one worth the name. */
export function serialKey({ vendorId, productId, serialNumber }: ScannedDevice): string | undefined {
  return isDummySerial(serialNumber) ? undefined : `${vendorId}:${productId}:${serialNumber}`;
}

function named(device: ScannedDevice, identityQuality: IdentityQuality, text: string): DeviceIdentity {
  return { name: `${device.vendorId}-${device.productId}-${text}`, signature: text, identityQuality };
}
