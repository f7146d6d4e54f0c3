import { redisKeys, type AutoWeavePlugin, type HotplugEvent, type WaitingJob } from '@autoweave/crds';
import { parseHotplugEvent } from '@autoweave/crds/validators';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { objectKey, WorkQueue } from '@autoweave/platform/kube';
import { StreamGroupConsumer, type Redis } from '@autoweave/platform/redis';
import type { Histogram, Logger, MetricsRegistry, Counter } from '@autoweave/platform/telemetry';
import type { Clock } from '../ports.ts';
import type { WaitingRooms } from '../router/ports.ts';
import { roomOf } from '../router/room-name.ts';
import type { AttachedDevices } from './attached-devices.ts';
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
  /** A room has got a job. */
  readonly wake: (room: string) => void;
  readonly clock: Clock;
  readonly timeToLiveSeconds: number;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
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
      handle: ({ fields }) => this.#handle(fields),
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

  async #handle(fields: Readonly<Record<string, string>>): Promise<void> {
    const parsed = parseHotplugEvent(fields);
    if (!parsed.ok) {
      const { message, field, value } = parsed.failure;
      throw new AutoWeaveError('AW_EVENT_MALFORMED', message, { field, value });
    }
    await this.#turns.take(() => this.#bridge(parsed.value));
  }

  async #bridge(event: HotplugEvent): Promise<void> {
    const listening = this.#options.plugins.list().filter(isListening);
    const matched = matchPlugins(event, listening);
    await Promise.all([this.#addJobs([event], matched), this.#follow(event, matched, listening)]);
    this.#age.observe(Math.max(0, this.#options.clock.now() - event.timestamp) / 1000);
    this.#logger.debug(
      { eventId: event.eventId, device: event.deviceName, node: event.node, plugins: matched.length },
      'Bridged an event',
    );
  }

  async #follow(
    event: HotplugEvent,
    told: readonly AutoWeavePlugin[],
    listening: readonly AutoWeavePlugin[],
  ): Promise<void> {
    // It was gone before it could be read, and nobody can be told of it later.
    if (event.deviceName === '') return;
    const { devices } = this.#options;
    if (event.action === 'attach') await devices.attached(event, told.map(uidOf));
    else await devices.detached(event, listening.map(uidOf));
  }

  async #announce(key: string): Promise<void> {
    const { plugins, devices, isNodeKnown } = this.#options;
    const plugin = plugins.get(key);
    if (plugin === undefined || !isListening(plugin)) return;
    const untold = await devices.untold(uidOf(plugin));
    const events = untold.filter((event) => isNodeKnown(event.node) && matchPlugins(event, [plugin]).length > 0);
    await this.#addJobs(events, [plugin]);
    await devices.tell(uidOf(plugin), events);
    if (events.length > 0) this.#logger.info({ plugin: key, devices: events.length }, 'Announced present devices');
  }

  /** One round trip a room, all rooms at once. */
  async #addJobs(events: readonly HotplugEvent[], plugins: readonly AutoWeavePlugin[]): Promise<void> {
    const { rooms, wake, clock, timeToLiveSeconds } = this.#options;
    const options = { now: clock.now(), timeToLiveSeconds };
    const byRoom = new Map<string, WaitingJob[]>();
    for (const event of events) {
      for (const plugin of plugins) {
        const job = eventJob(event, plugin, options);
        const room = roomOf(job);
        byRoom.set(room, [...(byRoom.get(room) ?? []), job]);
        this.#jobs.increment({ action: event.action });
      }
    }
    await Promise.all([...byRoom].map(([room, jobs]) => rooms.add(room, jobs)));
    for (const room of byRoom.keys()) wake(room);
  }
}

/** What decides which events a plugin gets. */
function interestsOf(plugin: AutoWeavePlugin | undefined): string {
  if (plugin === undefined) return '';
  return JSON.stringify([isListening(plugin), plugin.spec.triggers, plugin.status?.permissions, plugin.metadata.uid]);
}

function uidOf({ metadata }: AutoWeavePlugin): string {
  return metadata.uid ?? '';
}
