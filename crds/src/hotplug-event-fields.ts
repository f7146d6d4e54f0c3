import type { HotplugEvent, UsbDescriptor } from './hotplug-event.ts';

/** Strings of a device are at most 126 UTF-16 units by USB; anything longer is cut off here. */
const maxTextLength = 256;
const maxInterfaces = 32;
const maxDescriptorBytes = 2048;

/**
 * The fields of an event as they stand in the stream, in the order of HotplugEvent. What a device says is made well-formed
 * and bounded, so that the event of even the strangest device can be parsed (`parseHotplugEvent`) and stored.
 */
export function hotplugEventFields(event: HotplugEvent): [name: string, value: string][] {
  return [
    ['schema', event.schema],
    ['event_id', event.eventId],
    ['node', event.node],
    ['epoch', event.epoch],
    ['sequence', String(event.sequence)],
    ['action', event.action],
    ['source', event.source],
    ['partial', String(event.partial)],
    ['device_name', event.deviceName],
    ['device_signature', event.deviceSignature],
    ['identity_quality', event.identityQuality],
    ['vendor_id', event.vendorId],
    ['product_id', event.productId],
    ['manufacturer', boundedText(event.manufacturer)],
    ['product', boundedText(event.product)],
    ['serial_number', boundedText(event.serialNumber)],
    ['bus_number', String(event.busNumber)],
    ['device_address', String(event.deviceAddress)],
    ['port_path', event.portPath],
    ['sysfs_name', event.sysfsName],
    ['interface_classes', event.interfaceClasses.slice(0, maxInterfaces).join(',')],
    ['timestamp', String(event.timestamp)],
    ['device_descriptor', event.deviceDescriptor === undefined ? '' : boundedDescriptor(event.deviceDescriptor)],
    ['traceparent', event.traceparent],
  ];
}

function boundedText(text: string): string {
  // Cut first, so that a long text costs nothing; a pair cut in half is mended by toWellFormed.
  return text.slice(0, maxTextLength).toWellFormed();
}

function boundedDescriptor(descriptor: UsbDescriptor): string {
  for (let count = Math.min(descriptor.interfaces.length, maxInterfaces); ; count -= 1) {
    const json = JSON.stringify({ ...descriptor, interfaces: descriptor.interfaces.slice(0, count) });
    if (count === 0 || Buffer.byteLength(json) <= maxDescriptorBytes) return json;
  }
}
