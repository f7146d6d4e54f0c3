import { queues } from '@autoweave/crds';
import { EventRecorder, joinKey, type KubeClient } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import type { Logger, MetricsRegistry, SpanRecorder } from '@autoweave/platform/telemetry';
import { AttachedDevices, Bridge } from './bridge/index.ts';
import { followCluster } from './follow-cluster.ts';
import type { ClusterState } from './cluster-state.ts';
import { PresenceReader, RedisBundleStore } from './executors/index.ts';
import { Intake } from './intake/index.ts';
import type { ControllerPorts, Controllers, LeaderPart } from './leader-part.ts';
import { PluginLeftovers } from './plugin-leftovers.ts';
import type { Clock } from './ports.ts';
import type { RunnerPods } from './workloads/runner-pods.ts';
import { RedisJobRecords, RedisResultStore, ResultConsumer, ResultEventWriter } from './results/index.ts';
import {
  LaneWindows,
  pluginVerdict,
  QueuePool,
  RedisJobLanes,
  RedisWaitingRooms,
  RoomDepths,
  Router,
} from './router/index.ts';

export interface LeaderOptions {
  readonly client: KubeClient;
  readonly state: ClusterState;
  readonly redisUrl: string;
  /** For commands that do not block. */
  readonly redis: Redis;
  /** Name of this replica. */
  readonly identity: string;
  /** Right at once, also after the process was paused. */
  readonly isLeading: () => boolean;
  readonly laneWindow: number;
  readonly eventJobSeconds: number;
  readonly controllers: (ports: ControllerPorts) => Controllers;
  /** Undefined where executors start runners as child processes. */
  readonly runnerPods?: RunnerPods | undefined;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly spans: SpanRecorder;
}

const openQueues = 500;
const clock: Clock = { now: () => Date.now() };

/** All that a replica does while it leads. It is made when the leadership begins. */
export class Leader {
  readonly #options: LeaderOptions;
  readonly #connections: Redis[] = [];
  readonly #queues: QueuePool;
  readonly #rooms: RedisWaitingRooms;
  readonly #lanes: RedisJobLanes;
  readonly #records: RedisJobRecords;
  readonly #recorder: EventRecorder;
  readonly #executors: PresenceReader;
  readonly #router: Router;
  readonly #controllers: Controllers;
  /** Those of one stage start and stop together. */
  readonly #stages: readonly (readonly LeaderPart[])[];

  constructor(options: LeaderOptions) {
    this.#options = options;
    const { redis, client, identity, controllers, logger, metrics } = options;
    this.#queues = new QueuePool({ connection: redis, limit: openQueues });
    this.#rooms = new RedisWaitingRooms({ redis, queues: this.#queues });
    this.#lanes = new RedisJobLanes({ redis, queues: this.#queues });
    this.#records = new RedisJobRecords(redis);
    this.#recorder = new EventRecorder({
      client,
      controller: 'autoweave.dev/operator',
      instance: identity,
      logger,
      metrics,
    });
    this.#executors = new PresenceReader({ redis, logger, metrics, onChange: () => this.#executorsChanged() });
    this.#router = this.#makeRouter();
    this.#controllers = controllers(this.#controllerPorts());
    const bridge = this.#makeBridge();
    const leftovers = new PluginLeftovers({ redis, plugins: options.state.plugins, logger });
    this.#stages = [
      [this.#executors],
      [this.#router],
      [this.#makeResultConsumer(), this.#makeResultEventWriter(), this.#controllers],
      [bridge, this.#makeIntake(), leftovers],
    ];
    followCluster(options.state, { router: this.#router, bridge, leftovers });
  }

  async start(): Promise<void> {
    for (const parts of this.#stages) await Promise.all(parts.map(async (part) => part.start()));
  }

  /** In reverse, so that nothing comes in any more when what handles it stops. */
  async stop(): Promise<void> {
    for (const parts of this.#stages.toReversed()) await Promise.all(parts.map((part) => part.stop()));
    await Promise.all([this.#recorder.stop(), this.#queues.close()]);
    await Promise.all(this.#connections.map(closeRedis));
  }

  #executorsChanged(): void {
    this.#router.wakeOccupied();
    this.#controllers.executorsChanged();
  }

  #makeRouter(): Router {
    const { state, redis, isLeading, laneWindow, logger, metrics } = this.#options;
    return new Router({
      rooms: this.#rooms,
      lanes: this.#lanes,
      records: this.#records,
      windows: new LaneWindows(laneWindow),
      depths: new RoomDepths({ head: 8, whole: 2_000 }),
      clock,
      verdict: (job) =>
        pluginVerdict(job, state.plugins.get(joinKey(job.plugin)), (plugin) => state.runnerNodes(plugin)),
      holders: (deviceName) => state.holders(deviceName),
      executors: () => this.#executors.states(),
      readExecutors: () => this.#executors.readStates(),
      mayAct: () => redis.status === 'ready' && isLeading(),
      logger,
      metrics,
    });
  }

  #controllerPorts(): ControllerPorts {
    const { client, state, redis, runnerPods, logger, metrics } = this.#options;
    return {
      client,
      state,
      bundles: new RedisBundleStore(redis),
      lanes: this.#lanes,
      results: new RedisResultStore(redis),
      executors: this.#executors,
      runnerPods,
      backlog: ({ name, namespace }) => this.#rooms.size(queues.pluginRoom(namespace, name)),
      recorder: this.#recorder,
      clock,
      logger,
      metrics,
    };
  }

  #makeResultConsumer(): ResultConsumer {
    const { logger, metrics, spans } = this.#options;
    return new ResultConsumer({
      redis: this.#connect('results'),
      rooms: this.#rooms,
      onResult: (result, jobsLeft) => {
        this.#router.settled(result, jobsLeft);
        this.#controllers.resultRecorded(result);
      },
      logger,
      metrics,
      spans,
    });
  }

  #makeResultEventWriter(): ResultEventWriter {
    const { state, logger, metrics } = this.#options;
    return new ResultEventWriter({
      redis: this.#connect('result-events'),
      recorder: this.#recorder,
      plugin: (key) => state.plugins.get(key),
      logger,
      metrics,
    });
  }

  #makeBridge(): Bridge {
    const { state, redis, eventJobSeconds, logger, metrics, spans } = this.#options;
    return new Bridge({
      redis: this.#connect('bridge'),
      rooms: this.#rooms,
      devices: new AttachedDevices(redis),
      plugins: state.plugins,
      isNodeKnown: (node) => state.nodes.get(node) !== undefined,
      added: (room, jobs) => this.#router.eventsAdded(room, jobs),
      clock,
      timeToLiveSeconds: eventJobSeconds,
      logger,
      metrics,
      spans,
    });
  }

  #makeIntake(): Intake {
    const { state, logger, metrics } = this.#options;
    return new Intake({
      redis: this.#connect('intake'),
      rooms: this.#rooms,
      records: this.#records,
      plugin: (key) => state.plugins.get(key),
      device: (nameOrAlias) => state.device(nameOrAlias),
      wake: (room) => this.#router.wake(room),
      clock,
      logger,
      metrics,
    });
  }

  /** For a part that blocks on Redis. */
  #connect(part: string): Redis {
    const { redisUrl, logger } = this.#options;
    const connection = createRedis({ url: redisUrl, name: `autoweave-operator-${part}`, logger, blocking: true });
    this.#connections.push(connection);
    return connection;
  }
}
