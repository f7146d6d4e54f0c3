import { randomUUID } from 'node:crypto';
import { leaseName } from '@autoweave/crds';
import { ProbeServer } from '@autoweave/platform/http';
import { KubeClient, LeaderElector, type ClusterAccess, type LeadershipEnd } from '@autoweave/platform/kube';
import { closeRedis, createRedis, redisReadiness, redisUrlOf, type Redis } from '@autoweave/platform/redis';
import { MetricsRegistry, TelemetryExport, type Logger } from '@autoweave/platform/telemetry';
import { ClusterState } from './cluster-state.ts';
import type { OperatorConfig } from './config.ts';
import { Leader, type LeaderOptions } from './leader.ts';
import { RedisPreparation } from './redis-preparation.ts';
import { runnerPodsOf } from './workloads/runner-pods.ts';

export interface OperatorOptions {
  readonly config: OperatorConfig;
  readonly access: ClusterAccess;
  readonly controllers: LeaderOptions['controllers'];
  readonly logger: Logger;
}

/** One replica of the operator. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #logger: Logger;
  readonly #metrics = new MetricsRegistry();
  readonly #telemetry: TelemetryExport;
  readonly #client: KubeClient;
  readonly #redis: Redis;
  readonly #preparation: RedisPreparation;
  readonly #state: ClusterState;
  readonly #elector: LeaderElector;
  readonly #probes: ProbeServer;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { config, logger } = options;
    const metrics = this.#metrics;
    const { podName, namespace, leaseSeconds } = config;
    this.#logger = logger;
    metrics.collectProcessMetrics();
    this.#telemetry = new TelemetryExport({ config, service: 'autoweave-operator', logger, metrics });
    this.#client = new KubeClient(options.access, { userAgent: 'autoweave-operator', maximumSockets: 32 });
    this.#redis = createRedis({ url: redisUrlOf(config), name: 'autoweave-operator', logger });
    this.#preparation = new RedisPreparation({ redis: this.#redis, logger, metrics });
    const runnerPods = runnerPodsOf(config);
    this.#state = new ClusterState({ client: this.#client, logger, metrics, runnerPods });
    this.#elector = new LeaderElector({
      client: this.#client,
      namespace,
      name: leaseName,
      identity: `${podName}_${randomUUID()}`,
      leaseSeconds,
      renewSeconds: (leaseSeconds * 2) / 3,
      retrySeconds: (leaseSeconds * 2) / 15,
      logger,
      metrics,
    });
    this.#probes = new ProbeServer({
      host: config.probeHost,
      port: config.probePort,
      checks: [redisReadiness(this.#redis), this.#preparation.readiness(), ...this.#state.readiness()],
      logger,
      metrics,
    });
  }

  /**
   * Runs until `signal` is aborted, or until the leadership is lost: then another replica may lead, and the process must end.
   *
   * @throws AutoWeaveError AW_CONFIG_INVALID when the probes cannot be served.
   */
  async run(signal: AbortSignal): Promise<LeadershipEnd> {
    try {
      await this.#telemetry.start();
      const { port } = await this.#probes.start();
      this.#logger.info({ port }, 'Serving probes and metrics');
      this.#preparation.start();
      this.#state.start();
      return await this.#elector.run({ onStarted: (leading) => this.#lead(leading) }, signal);
    } finally {
      await this.#stop();
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { config, controllers } = this.#options;
    try {
      await this.#state.whenSynced(signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const leader = new Leader({
      client: this.#client,
      state: this.#state,
      redis: this.#redis,
      redisUrl: redisUrlOf(config),
      identity: config.podName,
      isLeading: () => this.#elector.isLeading,
      laneWindow: config.laneWindow,
      eventJobSeconds: config.eventJobSeconds,
      controllers,
      runnerPods: runnerPodsOf(config),
      logger: this.#logger,
      metrics: this.#metrics,
      spans: this.#telemetry,
    });
    try {
      await leader.start();
      await aborted(signal);
    } finally {
      // Nothing can be ended properly without Redis; commands that wait for it would only hold up the stop.
      if (this.#redis.status !== 'ready') await closeRedis(this.#redis);
      await leader.stop();
    }
  }

  async #stop(): Promise<void> {
    await this.#state.stop();
    await this.#preparation.stop();
    await closeRedis(this.#redis);
    this.#client.close();
    await this.#probes.stop();
    await this.#telemetry.stop();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
