import { redisKeys, type AutoWeavePlugin, type HotplugEvent, type WaitingJob } from '@autoweave/crds';
import { parseHotplugEvent } from '@autoweave/crds/validators';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { objectKey, WorkQueue } from '@autoweave/platform/kube';
import { StreamGroupConsumer, type Redis, type StreamEntry } from '@autoweave/platform/redis';
import {
  childTraceparent,
  type Counter,
  type Histogram,
  type Logger,
  type MetricsRegistry,
  type SpanRecorder,
} from '@autoweave/platform/telemetry';
import type { Clock } from '../ports.ts';
import type { WaitingRooms } from '../router/ports.ts';
import { roomOf } from '../router/room-name.ts';
import type { AttachedDevices, Transition } from './attached-devices.ts';
import { bridgeSpan, type BridgeOperation } from './bridge-span.ts';
import { eventJob } from './event-job.ts';
import { isListening, matchPlugins } from './match-plugins.ts';
import { Turns } from './turns.ts';

export interface BridgeOptions {
  /** A connection of its own, made with `blocking: true`. */
  readonly redis: Redis;
  readonly rooms: WaitingRooms;
  readonly devices: AttachedDevices;
  readonly plugins: PluginList;
  /** Whether the cluster knows an agent at the node; devices of a node that is gone are not announced. */
  readonly isNodeKnown: (node: string) => boolean;
  /** A room has got these jobs. */
  readonly added: (room: string, jobs: readonly WaitingJob[]) => void;
  readonly clock: Clock;
  readonly timeToLiveSeconds: number;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly spans: SpanRecorder;
}

export interface PluginList {
  get(key: string): AutoWeavePlugin | undefined;
  list(): readonly AutoWeavePlugin[];
}

/** There is one leader: its successor takes over what it had been given, first and in order. */
const consumer = 'leader';

/**
 * Turns hotplug events into jobs in the waiting rooms of their devices, in order, and tells a plugin that begins to
 * listen of the devices that are there already. Runs in the leader only.
 */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #logger: Logger;
  readonly #consumer: StreamGroupConsumer;
  /** Keys of plugins that may have begun to listen. */
  readonly #announcements: WorkQueue;
  /** An announcement between two events sees the devices as the stream had them there. */
  readonly #turns = new Turns();
  readonly #jobs: Counter<'action'>;
  readonly #age: Histogram;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ part: 'bridge' });
    this.#consumer = new StreamGroupConsumer({
      redis: options.redis,
      stream: redisKeys.hotplugStream,
      group: redisKeys.hotplugGroup,
      consumer,
      deadLetters: redisKeys.hotplugDeadLetters,
      handle: (entry) => this.#handle([entry]),
      handleBatch: (entries) => this.#handle(entries),
      logger: this.#logger,
      metrics: options.metrics,
    });
    this.#announcements = new WorkQueue({ ...options, name: 'announcements', maximumDelayMilliseconds: 5_000 });
    this.#jobs = options.metrics.counter({
      name: 'autoweave_bridge_jobs_total',
      help: 'Jobs made of hotplug events.',
      labels: { action: ['attach', 'detach'] },
    });
    this.#age = options.metrics.histogram({
      name: 'autoweave_bridge_event_age_seconds',
      help: 'Time from a transition until its jobs stood in their rooms.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10, 60],
    });
  }

  start(): void {
    for (const plugin of this.#options.plugins.list()) this.#announcements.add(objectKey(plugin));
    this.#announcements.start({ reconcile: (key) => this.#turns.take(() => this.#announce(key)), concurrency: 1 });
    this.#consumer.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#consumer.stop(), this.#announcements.stop({ graceMilliseconds: 2_000 })]);
  }

  /** To be called with every change of a plugin. */
  pluginChanged(key: string, plugin: AutoWeavePlugin | undefined, previous: AutoWeavePlugin | undefined): void {
    if (interestsOf(plugin) !== interestsOf(previous)) this.#announcements.add(key);
  }

  /** An agent has registered a node: its devices can be announced now. */
  nodeAppeared(): void {
    for (const plugin of this.#options.plugins.list()) this.#announcements.add(objectKey(plugin));
  }

  async #handle(entries: readonly StreamEntry[]): Promise<void> {
    const events = entries.map(({ fields }) => eventOf(fields));
    await this.#turns.take(() => this.#bridge(events));
  }

  async #bridge(events: readonly HotplugEvent[]): Promise<void> {
    const { devices, clock, plugins } = this.#options;
    const listening = plugins.list().filter(isListening);
    const matches = events.map((event) => ({ event, plugins: matchPlugins(event, listening) }));
    await Promise.all([
      this.#addJobs('process', matches),
      devices.follow(matches.map(transitionOf), listening.map(uidOf)),
    ]);
    for (const { event, plugins: matched } of matches) {
      this.#age.observe(Math.max(0, clock.now() - event.timestamp) / 1000);
      this.#logger.debug(
        { eventId: event.eventId, device: event.deviceName, node: event.node, plugins: matched.length },
        'Bridged an event',
      );
    }
  }

  async #announce(key: string): Promise<void> {
    const { plugins, devices, isNodeKnown } = this.#options;
    const plugin = plugins.get(key);
    if (plugin === undefined || !isListening(plugin)) return;
    const untold = await devices.untold(uidOf(plugin));
    const events = untold.filter((event) => isNodeKnown(event.node) && matchPlugins(event, [plugin]).length > 0);
    await this.#addJobs(
      'announce',
      events.map((event) => ({ event, plugins: [plugin] })),
    );
    await devices.tell(uidOf(plugin), events);
    if (events.length > 0) this.#logger.info({ plugin: key, devices: events.length }, 'Announced present devices');
  }

  /** All rooms at once, in each the jobs in the order of their events. */
  async #addJobs(operation: BridgeOperation, matches: readonly Match[]): Promise<void> {
    const { rooms, added, clock, timeToLiveSeconds, spans } = this.#options;
    const now = clock.now();
    const traced = matches.map((match) => ({ ...match, traceparent: childTraceparent(match.event.traceparent) }));
    const jobs = traced.flatMap(({ event, plugins, traceparent }) => {
      return plugins.map((plugin) => eventJob(event, plugin, { now, timeToLiveSeconds, traceparent }));
    });
    const byRoom = Map.groupBy(jobs, roomOf);
    await rooms.add(byRoom);
    for (const [room, ofRoom] of byRoom) added(room, ofRoom);
    const endedAt = clock.now();
    for (const { event, plugins, traceparent } of traced) {
      for (const _ of plugins) this.#jobs.increment({ action: event.action });
      const work = { operation, startedAt: now, endedAt, jobs: plugins.length };
      spans.record(() => [bridgeSpan(event, traceparent, work)]);
    }
  }
}

/** An event and whom it is for. */
interface Match {
  readonly event: HotplugEvent;
  readonly plugins: readonly AutoWeavePlugin[];
}

function transitionOf({ event, plugins }: Match): Transition {
  return { event, told: plugins.map(uidOf) };
}

/** @throws AutoWeaveError AW_EVENT_MALFORMED */
function eventOf(fields: Readonly<Record<string, string>>): HotplugEvent {
  const parsed = parseHotplugEvent(fields);
  if (parsed.ok) return parsed.value;
  const { message, field, value } = parsed.failure;
  throw new AutoWeaveError('AW_EVENT_MALFORMED', message, { field, value });
}

/** What decides which events a plugin gets. */
function interestsOf(plugin: AutoWeavePlugin | undefined): string {
  if (plugin === undefined) return '';
  return JSON.stringify([isListening(plugin), plugin.spec.triggers, plugin.status?.permissions, plugin.metadata.uid]);
}

function uidOf({ metadata }: AutoWeavePlugin): string {
  return metadata.uid ?? '';
}
