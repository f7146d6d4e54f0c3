import { matchesDevice, type AutoWeavePlugin, type HotplugEvent, type MatchedDevice } from '@autoweave/crds';

/** The plugins that an event is for. */
export function matchPlugins(event: HotplugEvent, plugins: readonly AutoWeavePlugin[]): readonly AutoWeavePlugin[] {
  const device = matchedDevice(event);
  return plugins.filter(
    (plugin) => isListening(plugin) && isTriggered(plugin, event.action, device) && isPermitted(plugin, device),
  );
}

/** Its bundle was checked and the policy lets it run: from then on it misses nothing. */
export function isListening({ metadata, spec, status }: AutoWeavePlugin): boolean {
  const wanted = metadata.deletionTimestamp === undefined && spec.suspend !== true;
  return wanted && status?.bundle !== undefined && status.permissions !== undefined;
}

function isTriggered({ spec }: AutoWeavePlugin, action: HotplugEvent['action'], device: MatchedDevice): boolean {
  return (spec.triggers ?? []).some(
    ({ actions, match = {} }) => actions.includes(action) && matchesDevice(match, device),
  );
}

function isPermitted({ status }: AutoWeavePlugin, device: MatchedDevice): boolean {
  return (status?.permissions?.usb ?? []).some((permission) => matchesDevice(permission, device));
}

function matchedDevice(event: HotplugEvent): MatchedDevice {
  const { deviceName, vendorId, productId, serialNumber, deviceDescriptor, interfaceClasses } = event;
  const classes =
    deviceDescriptor === undefined ? interfaceClasses : [deviceDescriptor.deviceClass, ...interfaceClasses];
  return { deviceName, vendorId, productId, serialNumber, classes };
}
