import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '@autoweave/platform/errors';
import type { Redis } from '@autoweave/platform/redis';
import type { Logger } from '@autoweave/platform/telemetry';

export interface StreamTailOptions {
  /** A connection of its own. */
  readonly redis: Redis;
  readonly logger: Logger;
  /** By name of the stream: what to do with the fields of a new entry. */
  readonly streams: Readonly<Record<string, (fields: Readonly<Record<string, string>>) => void>>;
}

const blockMilliseconds = 1_000;
const retryMilliseconds = 500;

/** Follows streams without a group: for looking on, nothing is acknowledged. */
export class StreamTail {
  readonly #options: StreamTailOptions;
  readonly #last = new Map<string, string>();
  readonly #stopping = new AbortController();

  constructor(options: StreamTailOptions) {
    this.#options = options;
  }

  /** Entries that are there already are not told. */
  async start(): Promise<void> {
    const { redis, streams } = this.#options;
    for (const stream of Object.keys(streams)) {
      const [newest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
      this.#last.set(stream, newest?.[0] ?? '0-0');
    }
    void this.#follow();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#read();
      } catch (error) {
        if (signal.aborted) return;
        this.#options.logger.debug({ reason: errorMessage(error) }, 'Failed to follow the streams');
        await delay(retryMilliseconds, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #read(): Promise<void> {
    const { redis, streams } = this.#options;
    const names = [...this.#last.keys()];
    const ids = [...this.#last.values()];
    const reply = await redis.xread('BLOCK', blockMilliseconds, 'STREAMS', ...names, ...ids);
    for (const [stream, entries] of reply ?? []) {
      for (const [id, flat] of entries) {
        this.#last.set(stream, id);
        streams[stream]?.(fieldsOf(flat));
      }
    }
  }
}

function fieldsOf(flat: readonly string[]): Record<string, string> {
  const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : []));
  return Object.fromEntries(pairs);
}
