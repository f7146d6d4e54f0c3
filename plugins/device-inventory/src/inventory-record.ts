import type { DeviceInfo, HotplugEvent } from '@autoweave/sdk';
import { type Category, classify } from './classify.ts';

/** What is kept of a device, under its name. */
export type InventoryRecord = {
  readonly device: string;
  readonly category: Category;
  readonly reason: string;
  readonly label: string;
  readonly present: boolean;
  readonly node: string;
  readonly port: string;
  /** Where it was plugged in, `<node>/<port>`, the latest first, each once, at most 8. */
  readonly ports: readonly string[];
  /** Milliseconds since 1970, like the other times. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** How often it was plugged in. */
  readonly timesSeen: number;
  /** Event of the last change: an event that comes a second time changes nothing. */
  readonly lastEvent: string;
};

const keptPorts = 8;

/** The record after an event. `known` is the record before it. */
export function nextRecord(known: InventoryRecord | undefined, event: HotplugEvent): InventoryRecord {
  const { device, node, timestamp, id: lastEvent } = event;
  const present = event.action === 'attach';
  const here = { device: device.name, ...described(known, device), present, node, port: device.portPath, lastEvent };
  const place = `${node}/${device.portPath}`;
  if (known === undefined) {
    return { ...here, ports: [place], firstSeen: timestamp, lastSeen: timestamp, timesSeen: 1 };
  }
  if (known.lastEvent === lastEvent) return known;
  return {
    ...here,
    ports: [place, ...known.ports.filter((other) => other !== place)].slice(0, keptPorts),
    firstSeen: Math.min(known.firstSeen, timestamp),
    lastSeen: Math.max(known.lastSeen, timestamp),
    timesSeen: known.timesSeen + (present ? 1 : 0),
  };
}

/** A device that was gone before it could be read tells less than what is known of it. */
function described(
  known: InventoryRecord | undefined,
  device: DeviceInfo,
): Pick<InventoryRecord, 'category' | 'reason' | 'label'> {
  if (known !== undefined && device.interfaceClasses.length === 0) {
    const { category, reason, label } = known;
    return { category, reason, label };
  }
  return { ...classify(device), label: labelOf(device) };
}

function labelOf({ manufacturer, product, vendorId, productId }: DeviceInfo): string {
  const words = [manufacturer, product].filter((word) => word !== '');
  return words.length === 0 ? `${vendorId}:${productId}` : words.join(' ');
}
