import { matchesDevice, type AutoWeavePlugin, type MatchedDevice, type UsbDevice } from '@autoweave/crds';

/** Undefined while no agent has said what it is. */
export function matchedDevice({ metadata, status }: UsbDevice): MatchedDevice | undefined {
  if (status?.identity === undefined) return undefined;
  const { productId, serialNumber = '', vendorId } = status.identity;
  const { deviceClass, interfaceClasses = [] } = status.descriptor ?? {};
  const classes = new Set(deviceClass === undefined ? interfaceClasses : [deviceClass, ...interfaceClasses]);
  return { deviceName: metadata.name, vendorId, productId, serialNumber, classes: [...classes] };
}

/**
 * Whether the plugin belongs where such a device is: its manifest names it, and a trigger, of whatever action. A plugin
 * without triggers takes jobs for any device of its manifest.
 */
export function concerns({ spec, status }: AutoWeavePlugin, device: MatchedDevice): boolean {
  const { triggers = [] } = spec;
  const isPermitted = (status?.permissions?.usb ?? []).some((permission) => matchesDevice(permission, device));
  return isPermitted && (triggers.length === 0 || triggers.some(({ match = {} }) => matchesDevice(match, device)));
}
