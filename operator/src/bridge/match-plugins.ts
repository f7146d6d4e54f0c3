import type {
  AutoWeavePlugin,
  AutoWeavePluginMatch,
  AutoWeavePluginUsbPermission,
  HotplugEvent,
} from '@autoweave/crds';

/** The plugins that an event is for. */
export function matchPlugins(event: HotplugEvent, plugins: readonly AutoWeavePlugin[]): readonly AutoWeavePlugin[] {
  return plugins.filter((plugin) => isListening(plugin) && isTriggered(plugin, event) && isPermitted(plugin, event));
}

/** Its bundle was checked and the policy lets it run: from then on it misses nothing. */
export function isListening({ metadata, spec, status }: AutoWeavePlugin): boolean {
  const wanted = metadata.deletionTimestamp === undefined && spec.suspend !== true;
  return wanted && status?.bundle !== undefined && status.permissions !== undefined;
}

function isTriggered({ spec }: AutoWeavePlugin, event: HotplugEvent): boolean {
  return (spec.triggers ?? []).some(({ actions, match }) => actions.includes(event.action) && matches(event, match));
}

function matches(event: HotplugEvent, match: AutoWeavePluginMatch = {}): boolean {
  return (
    allows(match.vendorIds, event.vendorId) &&
    allows(match.productIds, event.productId) &&
    allows(match.serialNumbers, event.serialNumber) &&
    allows(match.deviceNames, event.deviceName) &&
    allows(match.deviceClasses, ...classesOf(event))
  );
}

function isPermitted({ status }: AutoWeavePlugin, event: HotplugEvent): boolean {
  return (status?.permissions?.usb ?? []).some((permission) => covers(permission, event));
}

function covers(permission: AutoWeavePluginUsbPermission, event: HotplugEvent): boolean {
  return allows(permission.vendorIds, event.vendorId) && allows(permission.deviceClasses, ...classesOf(event));
}

/** The device class and those of all interfaces: a keyboard tells `00` for itself and `03` for its interface. */
function classesOf(event: HotplugEvent): readonly string[] {
  const deviceClass = event.deviceDescriptor?.deviceClass;
  return deviceClass === undefined ? event.interfaceClasses : [deviceClass, ...event.interfaceClasses];
}

/** A list that is not given allows everything. */
function allows(list: readonly string[] | undefined, ...values: readonly string[]): boolean {
  return list === undefined || values.some((value) => list.includes(value));
}
