/** What was made to happen. Times are milliseconds of CLOCK_MONOTONIC, which all processes of a machine share. */
export interface Sent {
  readonly key: string;
  /** The device; its events must arrive in order. */
  readonly device: string;
  /** When it should have been sent: a stall of the sender counts as latency, too. */
  readonly dueAt: number;
}

export interface Arrival {
  readonly key: string;
  readonly at: number;
}

export interface Delivery {
  readonly sent: number;
  readonly received: number;
  readonly missing: number;
  /** Arrived again, or never sent. */
  readonly extra: number;
  readonly outOfOrder: number;
  /** By the index of the sent event; undefined when it never arrived. Milliseconds. */
  readonly latencies: readonly (number | undefined)[];
  /** By the index of the arrival: the index of the sent event; undefined for what is extra. */
  readonly matches: readonly (number | undefined)[];
}

/** A device is there shortly before its event is due, and somebody who polls may see it that early. */
const earlyMilliseconds = 60;

/**
 * Matches what arrived with what was sent. The same key is sent again and again, so an arrival belongs to the last event
 * of its key that was due before it.
 */
export function matchDelivery(sent: readonly Sent[], arrivals: readonly Arrival[]): Delivery {
  const byKey = Map.groupBy(sent.keys(), (index) => sent[index]?.key ?? '');
  const latencies: (number | undefined)[] = sent.map(() => undefined);
  const lastOfDevice = new Map<string, number>();
  const matches: (number | undefined)[] = [];
  let outOfOrder = 0;
  for (const { key, at } of arrivals) {
    const index = byKey.get(key)?.findLast((each) => (sent[each]?.dueAt ?? Infinity) <= at + earlyMilliseconds);
    const event = index === undefined ? undefined : sent[index];
    if (index === undefined || event === undefined || latencies[index] !== undefined) {
      matches.push(undefined);
      continue;
    }
    matches.push(index);
    latencies[index] = at - event.dueAt;
    if (index < (lastOfDevice.get(event.device) ?? -1)) outOfOrder += 1;
    lastOfDevice.set(event.device, Math.max(index, lastOfDevice.get(event.device) ?? -1));
  }
  const extra = matches.filter((match) => match === undefined).length;
  const received = matches.length - extra;
  const missing = sent.length - received;
  return { sent: sent.length, received, missing, extra, outOfOrder, latencies, matches };
}

export function isExact({ missing, extra, outOfOrder }: Delivery): boolean {
  return missing === 0 && extra === 0 && outOfOrder === 0;
}
