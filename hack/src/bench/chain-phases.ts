import { setTimeout as delay } from 'node:timers/promises';
import { redisKeys } from '@autoweave/crds';
import type { Observation } from './collector-process.ts';
import { isExact, type Delivery } from './delivery.ts';
import { churn } from './schedule.ts';
import { deliveredBy, deliveredById, sentEvents } from './sent-events.ts';
import { ports, type Stage } from './stage.ts';
import { type Percentiles, percentiles } from './statistics.ts';

export interface ChainFigures extends Percentiles {
  readonly eventsPerSecond: number;
  readonly sent: number;
  readonly received: number;
  readonly exact: boolean;
  /** Results of an event that had one already. */
  readonly repeated: number;
  /** Results that were not `Succeeded`. */
  readonly failed: number;
  /** The same events at the consumer of the event stream. */
  readonly streamP95: number;
}

const settleMilliseconds = 30_000;
const warmUpSeconds = 2;

/** Uevent to UsbDevice at a watcher. The stage must observe the stream of events and the UsbDevices. */
export function visiblePhase(stage: Stage, seconds: number): Promise<ChainFigures> {
  return chainPhase(stage, { source: 'usbdevices', eventsPerSecond: 10, seconds });
}

/** Uevent to the recorded result of a plugin. The stage must observe the streams of events and of results. */
export function resultPhase(
  stage: Stage,
  options: { readonly eventsPerSecond: number; readonly seconds: number },
): Promise<ChainFigures> {
  return chainPhase(stage, { source: redisKeys.resultStream, ...options });
}

async function chainPhase(
  stage: Stage,
  options: { readonly source: string; readonly eventsPerSecond: number; readonly seconds: number },
): Promise<ChainFigures> {
  const { source, eventsPerSecond, seconds } = options;
  await stage.take();
  const unnumbered = churn({ ports: ports.churning, eventsPerSecond, seconds: warmUpSeconds + seconds });
  const events = stage.addresses.number(unnumbered);
  const sent = sentEvents(events, await stage.inject(events));
  const observations = await takeUntil(stage, source, events.length);
  const stream = redisKeys.hotplugStream;
  const streamDelivery = deliveredBy(stream, sent, observations);
  const delivery = deliveredById(source, stream, { sent, observations });
  const results = observations.filter((each) => each.source === redisKeys.resultStream);
  const repeated = results.length - new Set(results.map(({ eventId }) => eventId)).size;
  const afterWarmUp = (each: Pick<Delivery, 'latencies'>) =>
    each.latencies.filter((latency, index): latency is number => {
      return latency !== undefined && (events[index]?.dueAt ?? 0) >= warmUpSeconds * 1000;
    });
  return {
    ...percentiles(afterWarmUp(delivery)),
    eventsPerSecond,
    sent: sent.length,
    received: delivery.received,
    exact: isExact(streamDelivery) && delivery.received === sent.length && repeated === 0,
    repeated,
    failed: results.filter(({ state }) => state !== 'Succeeded').length,
    streamP95: percentiles(afterWarmUp(streamDelivery)).p95,
  };
}

/** Until `count` different events were seen by this source, or nothing came for a while. */
export async function takeUntil(stage: Stage, source: string, count: number): Promise<Observation[]> {
  const observations: Observation[] = [];
  const seen = new Set<string>();
  for (let quietSince = performance.now(); performance.now() - quietSince < settleMilliseconds;) {
    const before = seen.size;
    for (const observation of await stage.take()) {
      observations.push(observation);
      if (observation.source === source) seen.add(observation.eventId);
    }
    if (seen.size >= count) return observations;
    if (seen.size > before) quietSince = performance.now();
    await delay(50);
  }
  return observations;
}
