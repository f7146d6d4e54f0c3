import type { HotplugEvent } from '../hotplug-event.ts';
import { parseJson } from './parse-json.ts';
import { isHotplugEvent } from './schemas.ts';
import { failed, failure, type Parsed, schemaFailure, type ValidationFailure } from './validation-failure.ts';

/**
 * The event that the fields of a stream entry stand for (`hotplugEventFields` the other way round). Unknown fields are
 * ignored: a newer agent may add some. A failure is AW_EVENT_MALFORMED and names the field of the HotplugEvent.
 */
export function parseHotplugEvent(fields: Readonly<Record<string, string>>): Parsed<HotplugEvent> {
  const descriptor = parseDescriptor(fields['device_descriptor']);
  if (!descriptor.ok) return descriptor;
  const event: unknown = {
    schema: fields['schema'],
    eventId: fields['event_id'],
    node: fields['node'],
    epoch: fields['epoch'],
    sequence: number(fields['sequence']),
    action: fields['action'],
    source: fields['source'],
    partial: boolean(fields['partial']),
    deviceName: fields['device_name'],
    deviceSignature: fields['device_signature'],
    identityQuality: fields['identity_quality'],
    vendorId: fields['vendor_id'],
    productId: fields['product_id'],
    manufacturer: fields['manufacturer'],
    product: fields['product'],
    serialNumber: fields['serial_number'],
    busNumber: number(fields['bus_number']),
    deviceAddress: number(fields['device_address']),
    portPath: fields['port_path'],
    sysfsName: fields['sysfs_name'],
    interfaceClasses: list(fields['interface_classes']),
    timestamp: number(fields['timestamp']),
    ...(descriptor.value === undefined ? {} : { deviceDescriptor: descriptor.value }),
    traceparent: fields['traceparent'],
  };
  if (!isHotplugEvent(event)) return failed(schemaFailure(isHotplugEvent.errors));
  const wrong = crossFieldFailure(event);
  return wrong === undefined ? { ok: true, value: event } : failed(wrong);
}

function crossFieldFailure(event: HotplugEvent): ValidationFailure | undefined {
  const eventId = `${event.node}/${event.epoch}/${event.sequence}`;
  if (event.eventId !== eventId) return failure('eventId', event.eventId, `give node, epoch and sequence, ${eventId}`);
  if (!event.partial && event.deviceName === '') {
    return failure('deviceName', '', 'give the name of the device; only a partial event may lack it');
  }
  return undefined;
}

// What is no number or boolean stays as it is: the schema then names field and value.

function number(text: string | undefined): number | string | undefined {
  return text !== undefined && /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : text;
}

function boolean(text: string | undefined): boolean | string | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

function list(text: string | undefined): string[] | undefined {
  return text === '' ? [] : text?.split(',', 33);
}

function parseDescriptor(json: string | undefined): Parsed<unknown> {
  return json === undefined || json === '' ? { ok: true, value: undefined } : parseJson(json, 'deviceDescriptor');
}
