import type { Json, JsonObject } from '@autoweave/sdk';
import type { InventoryRecord } from './inventory-record.ts';

/** At most as many devices in one answer: a result is at most 16 KiB. */
const listed = 50;

/**
 * Answers `{"query": "summary"}` (counts by category), `{"query": "list", "category"?: …}` (one line a device) and
 * `{"query": "device", "name": …}` (the whole record, or null).
 *
 * @throws TypeError that names what may be asked
 */
export function answerQuery(payload: Json, records: readonly InventoryRecord[]): Json {
  const { query, category, name } = isObject(payload) ? payload : {};
  if (query === 'summary') return summary(records);
  if (query === 'list') {
    return list(records.filter((record) => category === undefined || record.category === category));
  }
  if (query === 'device') return records.find((record) => record.device === name) ?? null;
  throw new TypeError('Ask {"query": "summary"}, {"query": "list"} or {"query": "device", "name": "<UsbDevice>"}');
}

function summary(records: readonly InventoryRecord[]): JsonObject {
  const categories: Record<string, number> = {};
  for (const { category } of records) categories[category] = (categories[category] ?? 0) + 1;
  const present = records.filter((record) => record.present).length;
  return { known: records.length, present, categories };
}

function list(records: readonly InventoryRecord[]): JsonObject {
  const latest = records.toSorted((one, other) => other.lastSeen - one.lastSeen).slice(0, listed);
  const devices = latest.map(({ device, category, label, present, node }) => ({
    device,
    category,
    label,
    present,
    node,
  }));
  return { total: records.length, devices };
}

function isObject(payload: Json): payload is JsonObject {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload);
}
