import { autoweaveLibrary } from '@autoweave/crds';
import { errorMessage } from '@autoweave/platform/errors';
import type { ReadinessCheck } from '@autoweave/platform/http';
import { checkRedisSettings, loadFunctionLibrary, type Redis } from '@autoweave/platform/redis';
import type { Gauge, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';

const retryMilliseconds = 5_000;
const watchedSettings = ['maxmemory-policy', 'appendonly'] as const;

export interface RedisPreparationOptions {
  readonly redis: Redis;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Brings our functions to Redis and looks at its settings, after each (new) connection. */
export class RedisPreparation {
  readonly #redis: Redis;
  readonly #logger: Logger;
  readonly #library = autoweaveLibrary();
  readonly #unsafe: Gauge<'setting'>;
  readonly #stopping = new AbortController();
  #problem: string | undefined = 'the function library was not loaded yet';
  #running: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;

  constructor({ redis, logger, metrics }: RedisPreparationOptions) {
    this.#redis = redis;
    this.#logger = logger;
    this.#unsafe = metrics.gauge({
      name: 'autoweave_redis_unsafe_settings',
      help: 'Settings with which Redis can lose events and jobs: 1 where it is so.',
      labels: { setting: watchedSettings },
    });
  }

  start(): void {
    this.#redis.on('ready', this.#connected);
    if (this.#redis.status === 'ready') this.#connected();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#retry);
    this.#redis.off('ready', this.#connected);
    await this.#running;
  }

  readiness(): ReadinessCheck {
    return { name: 'redis-functions', check: () => this.#problem };
  }

  readonly #connected = (): void => {
    clearTimeout(this.#retry);
    this.#running = this.#prepare();
  };

  async #prepare(): Promise<void> {
    try {
      await loadFunctionLibrary(this.#redis, this.#library);
      this.#problem = undefined;
      this.#report(await checkRedisSettings(this.#redis));
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#problem = errorMessage(error);
      this.#logger.warn({ err: error }, 'Failed to prepare Redis');
      this.#retry = setTimeout(this.#connected, retryMilliseconds);
    }
  }

  #report(reasons: readonly string[]): void {
    for (const reason of reasons) this.#logger.warn({ code: 'AW_REDIS_UNSAFE', reason }, 'Found Redis unsafe');
    for (const setting of watchedSettings) {
      this.#unsafe.set(reasons.some((reason) => reason.startsWith(setting)) ? 1 : 0, { setting });
    }
  }
}
