import { definePlugin, type DeviceContext, type HotplugEvent, type Store } from '@autoweave/sdk';
import { type InventoryRecord, nextRecord } from './inventory-record.ts';
import { answerQuery } from './query.ts';

const prefix = 'device/';

/** Keeps an inventory of every device it has seen: what it is, where and when it was seen, and how often. */
export default definePlugin({
  onAttach: record,
  onDetach: record,
  async onJob({ payload }, { store }) {
    return answerQuery(payload, await allRecords(store));
  },
});

async function record(event: HotplugEvent, { store, log }: DeviceContext): Promise<InventoryRecord> {
  const key = prefix + event.device.name;
  const known = await store.get<InventoryRecord>(key);
  const next = nextRecord(known, event);
  await store.set(key, next);
  if (known === undefined) log.info('Met a new device', { device: next.device, category: next.category });
  return next;
}

/** In parts: at most 64 requests may be open at once. */
async function allRecords(store: Store): Promise<readonly InventoryRecord[]> {
  const records: InventoryRecord[] = [];
  const keys = await store.list(prefix);
  for (let at = 0; at < keys.length; at += 32) {
    const part = await Promise.all(keys.slice(at, at + 32).map((key) => store.get<InventoryRecord>(key)));
    records.push(...part.filter((found) => found !== undefined));
  }
  return records;
}
