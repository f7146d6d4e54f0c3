import type { HookArgument, HotplugEvent } from '@autoweave/crds';

/** What a hook gets, as JSON `{subject, context}`: shapes of the SDK, which are not those of the stream. */
export function hookArgumentText({ jobId, event, deviceName, payload }: HookArgument, deadline: number): string {
  if (event !== undefined) {
    const subject = pluginEvent(event);
    return JSON.stringify({ subject, context: { jobId, device: subject.device, deadline } });
  }
  return JSON.stringify({ subject: { id: jobId, payload: payload ?? null }, context: { deviceName, deadline } });
}

function pluginEvent(event: HotplugEvent): { readonly device: object } {
  const { action, eventId: id, node, timestamp, partial, deviceName: name, deviceSignature: signature } = event;
  const { identityQuality, vendorId, productId, manufacturer, product, serialNumber } = event;
  const { portPath, busNumber, deviceAddress, interfaceClasses, deviceDescriptor: descriptor } = event;
  const identity = { name, signature, identityQuality, vendorId, productId, manufacturer, product, serialNumber };
  const device = { ...identity, portPath, busNumber, deviceAddress, interfaceClasses, descriptor };
  return Object.assign({ action, id, node, timestamp, partial }, { device });
}
