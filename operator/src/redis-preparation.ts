import { autoweaveLibrary } from '@autoweave/crds';
import { errorMessage } from '@autoweave/platform/errors';
import type { ReadinessCheck } from '@autoweave/platform/http';
import { checkRedisSettings, loadFunctionLibrary, type Redis } from '@autoweave/platform/redis';
import type { Logger } from '@autoweave/platform/telemetry';

const retryMilliseconds = 5_000;

/** Brings our functions to Redis and looks at its settings, after each (new) connection. */
export class RedisPreparation {
  readonly #redis: Redis;
  readonly #logger: Logger;
  readonly #library = autoweaveLibrary();
  readonly #stopping = new AbortController();
  #problem: string | undefined = 'the function library was not loaded yet';
  #running: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;

  constructor({ redis, logger }: { readonly redis: Redis; readonly logger: Logger }) {
    this.#redis = redis;
    this.#logger = logger;
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
      for (const reason of await checkRedisSettings(this.#redis)) {
        this.#logger.warn({ code: 'AW_REDIS_UNSAFE', reason }, 'Found Redis unsafe');
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#problem = errorMessage(error);
      this.#logger.warn({ err: error }, 'Failed to prepare Redis');
      this.#retry = setTimeout(this.#connected, retryMilliseconds);
    }
  }
}
