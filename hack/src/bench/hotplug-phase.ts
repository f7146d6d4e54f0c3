import { setTimeout as delay } from 'node:timers/promises';
import { type Contender, contenders, startContenders } from './contenders.ts';
import { isExact } from './delivery.ts';
import { cpuSeconds } from './process-figures.ts';
import type { ProductProcess } from '../system/product.ts';
import { churn, type ScheduledEvent, stays } from './schedule.ts';
import { deliveredBy, sentEvents } from './sent-events.ts';
import { ports, type Stage } from './stage.ts';
import { type Percentiles, percentiles, type Spread, spread } from './statistics.ts';

export const eventsPerSecond = 200;
const warmUpSeconds = 5;
const roundSeconds = 12;
const roundCount = 5;
const seconds = warmUpSeconds + roundSeconds * roundCount;
/** Longer than the slowest poller's period. */
const drainMilliseconds = 11_000;

export interface ContenderFigures {
  readonly name: string;
  readonly polls: boolean;
  readonly p50: Spread;
  readonly p95: Spread;
  readonly p99: Spread;
  readonly sent: number;
  readonly received: number;
  readonly extra: number;
  readonly outOfOrder: number;
  readonly exact: boolean;
  /** Of the devices that were plugged in for 50 ms, the part whose attach was told. */
  readonly shortStaysSeen: number;
}

export interface HotplugFigures {
  readonly contenders: readonly ContenderFigures[];
  /** Of one processor, while the events came. */
  readonly agentCpuFraction: number;
  /** Events that the agent published without the attributes of the device. */
  readonly partial: number;
  /** How late the injector was. Counted in every latency. */
  readonly lateness: Percentiles;
}

/** Uevent to stream consumer, everybody at once. */
export async function hotplugPhase(stage: Stage, agent: ProductProcess): Promise<HotplugFigures> {
  const others = await startContenders(stage);
  try {
    await stage.observe(contenders.map(({ stream }) => stream));
    const events = stage.addresses.number([
      ...churn({ ports: ports.churning, eventsPerSecond, seconds }),
      // Pollers are slow, not blind: these stay long enough to be seen.
      ...stays({ ports: ports.staying, periodSeconds: 30, seconds }),
    ]);
    const before = cpuSeconds(agent.processId);
    const reply = await stage.inject(events);
    const agentCpuFraction = (cpuSeconds(agent.processId) - before) / seconds;
    await delay(drainMilliseconds);
    const observations = await stage.take();
    const run = { events, sent: sentEvents(events, reply), observations };
    return {
      contenders: contenders.map((contender) => figuresOf(contender, run)),
      agentCpuFraction,
      partial: observations.filter(({ state }) => state === 'partial').length,
      lateness: percentiles(reply.lateness),
    };
  } finally {
    others.stop();
  }
}

type Run = {
  readonly events: readonly ScheduledEvent[];
  readonly sent: ReturnType<typeof sentEvents>;
  readonly observations: Awaited<ReturnType<Stage['take']>>;
};

function figuresOf({ name, stream, polls }: Contender, { events, sent, observations }: Run): ContenderFigures {
  const delivery = deliveredBy(stream, sent, observations);
  const isCounted = (port: number) => !polls || ports.staying.includes(port);
  const rounds = Array.from({ length: polls ? 1 : roundCount }, (_, round) => {
    const from = (warmUpSeconds + round * roundSeconds) * 1000;
    const to = polls ? Infinity : from + roundSeconds * 1000;
    return percentiles(
      delivery.latencies.filter((latency, index): latency is number => {
        const event = events[index];
        return latency !== undefined && event !== undefined && isCounted(event.port) && inside(event.dueAt, from, to);
      }),
    );
  });
  const short = events.flatMap(({ action, port }, index) =>
    action === 'attach' && ports.churning.includes(port) ? [delivery.latencies[index] !== undefined] : [],
  );
  return {
    name,
    polls,
    p50: spread(rounds.map(({ p50 }) => p50)),
    p95: spread(rounds.map(({ p95 }) => p95)),
    p99: spread(rounds.map(({ p99 }) => p99)),
    sent: delivery.sent,
    received: delivery.received,
    extra: delivery.extra,
    outOfOrder: delivery.outOfOrder,
    exact: isExact(delivery),
    shortStaysSeen: short.filter(Boolean).length / short.length,
  };
}

function inside(value: number, from: number, to: number): boolean {
  return value >= from && value < to;
}
