import { unmatchedFields, type AutoWeavePlugin, type MatchedDevice, type UsbDevice } from '@autoweave/crds';

/** Whether a plugin wants a device and may have it, and each reason. */
export type PluginMatch =
  | { readonly matches: true; readonly reason: string }
  | { readonly matches: false; readonly reasons: readonly string[] };

/** As the operator judges an event of the device. */
export function matchTriggers({ spec }: AutoWeavePlugin, device: MatchedDevice): PluginMatch {
  const triggers = spec.triggers ?? [];
  if (triggers.length === 0) return { matches: false, reasons: ['it has no triggers; only jobs run it'] };
  const judged = triggers.map(({ actions, match = {} }, index) => ({
    label: `trigger ${index + 1} (${actions.join(', ')})`,
    misses: missesOf(match, device),
  }));
  const fitting = judged.find(({ misses }) => misses.length === 0);
  if (fitting !== undefined) return { matches: true, reason: `${fitting.label} matches` };
  return { matches: false, reasons: judged.map(({ label, misses }) => `${label}: ${misses.join('; ')}`) };
}

export function matchPermissions({ status }: AutoWeavePlugin, device: MatchedDevice): PluginMatch {
  const permissions = status?.permissions?.usb ?? [];
  if (permissions.length === 0)
    return { matches: false, reasons: ['its manifest asks for no USB device (permissions.usb)'] };
  const judged = permissions.map((permission) => missesOf(permission, device));
  const fitting = judged.findIndex((misses) => misses.length === 0);
  if (fitting >= 0) return { matches: true, reason: `permission ${fitting + 1} of its manifest covers it` };
  return {
    matches: false,
    reasons: judged.map(
      (misses, index) => `permission ${index + 1} of its manifest does not cover it: ${misses.join('; ')}`,
    ),
  };
}

function missesOf(match: Parameters<typeof unmatchedFields>[0], device: MatchedDevice): readonly string[] {
  return unmatchedFields(match, device).map(({ field, wanted, found }) => {
    const known = found.filter((value) => value !== '');
    return `${field} wants ${wanted.join(' or ') || 'nothing'}, the device has ${known.join(', ') || 'none'}`;
  });
}

export function matchedDevice({ metadata, status }: UsbDevice): MatchedDevice {
  const { identity, descriptor = {} } = status ?? {};
  const { vendorId = '', productId = '', serialNumber = '' } = identity ?? {};
  const { deviceClass, interfaceClasses = [] } = descriptor;
  return {
    deviceName: metadata.name,
    vendorId,
    productId,
    serialNumber,
    classes: deviceClass === undefined ? interfaceClasses : [deviceClass, ...interfaceClasses],
  };
}
