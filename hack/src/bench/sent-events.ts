import { stagedDevice, eventKey } from '../system/staged-device.ts';
import { matchDelivery, type Delivery, type Sent } from './delivery.ts';
import type { InjectReply } from './injector-process.ts';
import type { Observation } from './collector-process.ts';
import type { ScheduledEvent } from './schedule.ts';

export function sentEvents(events: readonly ScheduledEvent[], { startedAt }: InjectReply): Sent[] {
  return events.map(({ dueAt, action, port, address }) => {
    const device = stagedDevice(port, address).sysfsName;
    return { key: eventKey({ device, address, action }), device, dueAt: startedAt + dueAt };
  });
}

/** What one source delivered of what was sent. */
export function deliveredBy(source: string, sent: readonly Sent[], observations: readonly Observation[]): Delivery {
  return matchDelivery(
    sent,
    observations.filter((observation) => observation.source === source),
  );
}

/**
 * The same for a source that knows events by their id only: the delivery of the stream of events tells which is which.
 * Of several observations of one event the first counts, because a UsbDevice is seen again with each of its changes.
 */
export function deliveredById(
  source: string,
  stream: string,
  { sent, observations }: { readonly sent: readonly Sent[]; readonly observations: readonly Observation[] },
): Pick<Delivery, 'received' | 'latencies'> {
  const events = observations.filter((observation) => observation.source === stream);
  const { matches } = matchDelivery(sent, events);
  const indexes = new Map(events.map(({ eventId }, arrival) => [eventId, matches[arrival]]));
  const latencies: (number | undefined)[] = sent.map(() => undefined);
  for (const observation of observations) {
    const index = observation.source === source ? indexes.get(observation.eventId) : undefined;
    if (index !== undefined) latencies[index] ??= observation.at - (sent[index]?.dueAt ?? 0);
  }
  return { received: latencies.filter((latency) => latency !== undefined).length, latencies };
}
