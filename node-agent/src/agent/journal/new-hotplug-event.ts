import type { HotplugEvent } from '@autoweave/crds';
import type { Transition } from '../ports.ts';

export interface EventNumber {
  readonly node: string;
  readonly epoch: string;
  readonly sequence: number;
}

export function newHotplugEvent(transition: Transition, number: EventNumber): HotplugEvent {
  const { action, source, partial, timestamp, traceparent, device } = transition;
  const { node, epoch, sequence } = number;
  return {
    schema: '1',
    eventId: `${node}/${epoch}/${sequence}`,
    node,
    epoch,
    sequence,
    action,
    source,
    partial,
    deviceName: device.name,
    deviceSignature: device.signature,
    identityQuality: device.identityQuality,
    vendorId: device.vendorId,
    productId: device.productId,
    manufacturer: device.manufacturer,
    product: device.product,
    serialNumber: device.serialNumber,
    busNumber: device.busNumber,
    deviceAddress: device.deviceAddress,
    portPath: device.portPath,
    sysfsName: device.sysfsName,
    interfaceClasses: [...new Set(device.descriptor.interfaces.map((usbInterface) => usbInterface.class))],
    timestamp,
    ...(partial ? {} : { deviceDescriptor: device.descriptor }),
    traceparent,
  };
}
