import { setTimeout as delay } from 'node:timers/promises';
import { redisKeys } from '@autoweave/crds';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { BareHops } from './bare-hops.ts';
import { monotonicMilliseconds } from './clock.ts';
import { type CommandCount, commandsBetween, countCommands, redisCpuSeconds } from './command-count.ts';
import { cpuSeconds } from './process-figures.ts';
import type { Stage } from './stage.ts';
import { type Percentiles, percentiles } from './statistics.ts';
import { StreamEvents } from './stream-events.ts';

/** What one way did with some load. */
export interface RouteFigures extends Percentiles {
  readonly sent: number;
  /** Each once; a way that loses one has no figures worth reading. */
  readonly received: number;
  /** Jobs per second, from the first one sent until the last one ended. */
  readonly perSecond: number;
  /** Milliseconds of processor time a job, by process. */
  readonly cpuMilliseconds: Readonly<Record<string, number>>;
  /** Commands a job, by their name; those within scripts as well. The bench's own are left out. */
  readonly commands: Readonly<Record<string, number>>;
}

export interface RoutedLoad {
  readonly name: string;
  /** So many at once, and then the next so many. */
  readonly batch: number;
  readonly batches: number;
  readonly everyMilliseconds: number;
}

export interface RoutedFigures {
  readonly load: RoutedLoad;
  /** An entry of the event stream to the recorded result of a plugin. */
  readonly routed: RouteFigures;
  /** One BullMQ queue, a worker that adds to another one, and a worker. */
  readonly bare: RouteFigures;
}

export const routedLoads: readonly RoutedLoad[] = [
  { name: '50/s', batch: 1, batches: 400, everyMilliseconds: 20 },
  { name: '100/s', batch: 1, batches: 800, everyMilliseconds: 10 },
  { name: '200/s', batch: 1, batches: 2_000, everyMilliseconds: 5 },
  { name: '5,000 at once', batch: 5_000, batches: 1, everyMilliseconds: 0 },
];

const devices = 50;
const settleMilliseconds = 30_000;
/** Commands that only the bench sends, or sends far more often than the product. */
const ownCommands = new Set(['info', 'xread', 'ping']);

/** Events, or jobs, go in, and come out by their id. */
interface Way {
  readonly processes: Readonly<Record<string, number>>;
  send(count: number): { readonly eventIds: readonly string[]; readonly acknowledged: Promise<unknown> };
  /** Milliseconds of CLOCK_MONOTONIC at which what came out since the last call did. */
  take(): Promise<ReadonlyMap<string, number>>;
}

/**
 * The routed path from the event stream on, and two bare hops of BullMQ, one after the other under the same load.
 * Operator and executor must run, with a plugin that answers at once, and the stage observe the stream of results.
 */
export async function routedPhase(
  stage: Stage,
  processes: Readonly<Record<string, number>>,
  say: (text: string) => void,
): Promise<RoutedFigures[]> {
  const logger = createLogger({ name: 'bench', level: 'fatal' });
  const redis = createRedis({ url: stage.redis.url, name: 'bench', logger, blocking: true });
  const hops = await BareHops.start(redis, stage.redis.url);
  const [first = 0, second = 0] = hops.processIds;
  const bare: Way = { processes: { first, second }, send: (count) => hops.send(count), take: () => hops.take() };
  const events = new StreamEvents(redis, devices);
  const routed: Way = { processes, send: (count) => events.send(count), take: () => takeResults(stage) };
  const figures: RoutedFigures[] = [];
  try {
    await warmUp(redis, [routed, bare]);
    for (const load of routedLoads) {
      const both = { load, routed: await measure(redis, routed, load), bare: await measure(redis, bare, load) };
      figures.push(both);
      say(`  ${load.name}: ${summary(both.routed)}; bare: ${summary(both.bare)}`);
    }
  } finally {
    await hops.stop();
    await closeRedis(redis);
  }
  return figures;
}

async function takeResults(stage: Stage): Promise<ReadonlyMap<string, number>> {
  const results = (await stage.take()).filter(({ source }) => source === redisKeys.resultStream);
  return new Map(results.map(({ eventId, at }) => [eventId, at]));
}

async function warmUp(redis: Redis, ways: readonly Way[]): Promise<void> {
  for (const way of ways) {
    await measure(redis, way, { name: 'warm-up', batch: 10, batches: 200, everyMilliseconds: 10 });
  }
}

async function measure(redis: Redis, way: Way, load: RoutedLoad): Promise<RouteFigures> {
  const { batch, batches, everyMilliseconds } = load;
  const [before, redisBefore, cpuBefore] = [await countCommands(redis), await redisCpuSeconds(redis), cpuOf(way)];
  const sentAt = new Map<string, number>();
  const startedAt = monotonicMilliseconds();
  for (let index = 0; index < batches; index++) {
    const dueAt = startedAt + index * everyMilliseconds;
    const early = dueAt - monotonicMilliseconds();
    if (early > 0) await delay(early);
    const { eventIds, acknowledged } = way.send(batch);
    // From when it was due: who falls behind is late.
    for (const eventId of eventIds) sentAt.set(eventId, dueAt);
    acknowledged.catch(() => undefined);
  }
  const receivedAt = await takeAll(way, sentAt);
  const last = Math.max(...receivedAt.values());
  const latencies = [...receivedAt].map(([eventId, at]) => at - (sentAt.get(eventId) ?? at));
  const received = receivedAt.size;
  // What follows a result belongs to its price.
  await delay(200);
  const cpu = Object.entries(cpuOf(way)).map(([name, seconds]) => [name, seconds - (cpuBefore[name] ?? 0)] as const);
  const all = [...cpu, ['redis', (await redisCpuSeconds(redis)) - redisBefore] as const];
  return {
    ...percentiles(latencies),
    sent: sentAt.size,
    received,
    perSecond: (received * 1000) / (last - startedAt),
    cpuMilliseconds: Object.fromEntries(all.map(([name, seconds]) => [name, (seconds * 1000) / received])),
    commands: perJob(commandsBetween(before, await countCommands(redis)), received),
  };
}

async function takeAll(way: Way, sent: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const received = new Map<string, number>();
  for (let quietSince = performance.now(); performance.now() - quietSince < settleMilliseconds;) {
    const before = received.size;
    for (const [id, at] of await way.take()) if (sent.has(id) && !received.has(id)) received.set(id, at);
    if (received.size >= sent.size) return received;
    if (received.size > before) quietSince = performance.now();
    await delay(50);
  }
  return received;
}

function cpuOf({ processes }: Way): Record<string, number> {
  return Object.fromEntries(Object.entries(processes).map(([name, id]) => [name, cpuSeconds(id)]));
}

function perJob(commands: CommandCount, jobs: number): Record<string, number> {
  const used = [...commands].filter(([name, { calls }]) => calls > 0 && !ownCommands.has(name));
  return Object.fromEntries(used.map(([name, { calls }]) => [name, calls / jobs]));
}

function summary({ p50, p95, p99, perSecond, received, sent }: RouteFigures): string {
  const milliseconds = [p50, p95, p99].map((value) => value.toFixed(1)).join('/');
  const lost = received === sent ? '' : `, ${sent - received} LOST`;
  return `p50/95/99 ${milliseconds} ms, ${Math.round(perSecond)}/s${lost}`;
}
