import { redisKeys, type AutoWeavePlugin } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';
import type { Logger } from '@autoweave/platform/telemetry';

export interface PluginLeftoversOptions {
  readonly redis: Redis;
  /** All plugins that exist. */
  readonly plugins: { list(): readonly AutoWeavePlugin[] };
  readonly logger: Logger;
}

const scanCount = 1_000;

/**
 * Deletes what Redis holds of plugins that are gone: which devices they were told of, and their counters, which
 * another plugin of the same name would inherit. Runs in the leader only.
 */
export class PluginLeftovers {
  readonly #options: PluginLeftoversOptions;
  readonly #stopping = new AbortController();
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: PluginLeftoversOptions) {
    this.#options = options;
  }

  /** Looks, beside all else, for what was left by plugins that were deleted while nobody led. */
  start(): void {
    this.#sweeping = this.#logged(this.#sweep());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#sweeping;
  }

  /** To be called with every change of a plugin. */
  pluginChanged(plugin: AutoWeavePlugin | undefined, previous: AutoWeavePlugin | undefined): void {
    if (previous === undefined || previous.metadata.uid === plugin?.metadata.uid) return;
    void this.#logged(this.#options.redis.del(...keysOf(previous)));
  }

  async #sweep(): Promise<void> {
    const { redis, plugins } = this.#options;
    for (const pattern of [redisKeys.toldDevices('*'), redisKeys.pluginCounters('*', '*')]) {
      let cursor = '0';
      do {
        const [next, found] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', scanCount);
        // What came meanwhile belongs to a plugin that the informer had before it was written.
        const kept = new Set(plugins.list().flatMap(keysOf));
        const left = found.filter((key) => !kept.has(key));
        if (left.length > 0) await redis.del(...left);
        cursor = next;
      } while (cursor !== '0' && !this.#stopping.signal.aborted);
    }
  }

  /** What is left now is found by the next leader. */
  async #logged(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#options.logger.warn({ err: error }, 'Failed to delete what plugins left');
    }
  }
}

function keysOf({ metadata }: AutoWeavePlugin): string[] {
  const { name, namespace = '', uid = '' } = metadata;
  return [redisKeys.toldDevices(uid), redisKeys.pluginCounters(namespace, name)];
}
