import { loadClusterAccess, KubeClient } from '@autoweave/platform/kube';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { createLogger, MetricsRegistry, noSpans } from '@autoweave/platform/telemetry';
import { ClusterState } from '../cluster-state.ts';
import type { Controllers } from '../leader-part.ts';
import { Leader } from '../leader.ts';

const noControllers: Controllers = {
  start: () => {},
  stop: async () => {},
  resultRecorded: () => {},
  executorsChanged: () => {},
};

/** Everything that a leader does but the controllers, so that a test decides what status a plugin has. */
export class Replica {
  readonly #redis: Redis;
  readonly #state: ClusterState;
  readonly #leader: Leader;

  constructor(client: KubeClient, redisUrl: string) {
    const logger = createLogger({ name: 'replica', level: 'silent' });
    const metrics = new MetricsRegistry();
    this.#redis = createRedis({ url: redisUrl, name: 'replica', logger });
    this.#state = new ClusterState({ client, logger, metrics });
    this.#state.start();
    this.#leader = new Leader({
      client,
      state: this.#state,
      redis: this.#redis,
      redisUrl,
      identity: 'replica',
      isLeading: () => true,
      laneWindow: 16,
      eventJobSeconds: 60,
      controllers: () => noControllers,
      logger,
      metrics,
      spans: noSpans,
    });
  }

  async start(): Promise<this> {
    await this.#state.whenSynced(AbortSignal.timeout(30_000));
    await this.#leader.start();
    return this;
  }

  async stop(): Promise<void> {
    await this.#leader.stop();
    await this.#state.stop();
    await closeRedis(this.#redis);
  }
}

export async function testClient(kubeconfigPath: string): Promise<KubeClient> {
  return new KubeClient(await loadClusterAccess({ kubeconfigPath }));
}
