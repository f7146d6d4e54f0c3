import type { ErrorCode } from '@autoweave/crds';
import type { Redis } from 'ioredis';
import { backoffMilliseconds, type BackoffBounds } from '../backoff.ts';
import { errorCode, errorMessage } from '../errors/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { addDeadLetter } from './dead-letters.ts';
import { pause } from './pause.ts';
import type { StreamConsumerMetrics } from './stream-consumer-metrics.ts';
import { judgeFailure } from './stream-failure.ts';
import type { StreamEntry } from './stream-group.ts';

/** An entry that was just delivered to us, for the n-th time. */
export interface Delivery {
  readonly entry: StreamEntry;
  readonly deliveries: number;
}

export interface StreamEntryProcessorOptions {
  readonly redis: Redis;
  readonly stream: string;
  readonly group: string;
  readonly deadLetters: string;
  readonly handle: (entry: StreamEntry, signal: AbortSignal) => Promise<void>;
  readonly maxDeliveries: number;
  readonly logger: Logger;
  readonly metrics: StreamConsumerMetrics;
  /** No attempt starts after it. */
  readonly stopping: AbortSignal;
  /** For the handler: give up what runs. */
  readonly giveUp: AbortSignal;
}

const outageBackoff: BackoffBounds = { firstMilliseconds: 100, longestMilliseconds: 5_000 };

/** Brings one entry to its end: its effect, a dead letter, or another attempt later. */
export class StreamEntryProcessor {
  readonly #options: StreamEntryProcessorOptions;

  constructor(options: StreamEntryProcessorOptions) {
    this.#options = options;
  }

  /** `settled`: to be acknowledged. `left`: to stay pending. */
  async process({ entry, deliveries }: Delivery): Promise<'settled' | 'left'> {
    const { maxDeliveries, handle, giveUp, metrics, stopping } = this.#options;
    // One delivery may have been without an attempt: as part of a batch that was not finished.
    if (deliveries > maxDeliveries + 1) return this.#abandon({ entry, deliveries });
    for (let attempt = 1; !stopping.aborted; attempt += 1) {
      try {
        await handle(entry, giveUp);
        metrics.handled();
        return 'settled';
      } catch (error) {
        if (giveUp.aborted) return 'left';
        const outcome = await this.#failed({ entry, deliveries }, error, attempt);
        if (outcome !== 'again') return outcome;
      }
    }
    return 'left';
  }

  /** It was delivered again and again without an end: most likely it ends the process that handles it. */
  #abandon({ entry, deliveries }: Delivery): Promise<'settled'> {
    const reason = `delivered ${deliveries - 1} times and never acknowledged`;
    return this.#bury({ entry, deliveries: deliveries - 1 }, { code: 'AW_EVENT_POISONED', reason });
  }

  async #failed(delivery: Delivery, error: unknown, attempt: number): Promise<'settled' | 'left' | 'again'> {
    const { logger, metrics, maxDeliveries, stopping } = this.#options;
    const fields = { err: error, entryId: delivery.entry.id, deliveries: delivery.deliveries };
    const verdict = judgeFailure(error, delivery.deliveries, maxDeliveries);
    if (verdict === 'malformed') {
      return this.#bury(delivery, { code: errorCode(error) ?? 'AW_EVENT_MALFORMED', reason: errorMessage(error) });
    }
    if (verdict === 'poisoned') {
      return this.#bury(delivery, { code: 'AW_EVENT_POISONED', reason: errorMessage(error) });
    }
    if (verdict === 'retry') {
      metrics.retried();
      logger.warn(fields, 'Failed to handle a stream entry');
      return 'left';
    }
    if (attempt === 1) logger.warn(fields, 'Paused a stream because what its handler needs is away');
    await pause(backoffMilliseconds(attempt, outageBackoff), stopping);
    return 'again';
  }

  async #bury(delivery: Delivery, cause: { code: ErrorCode; reason: string }): Promise<'settled'> {
    const { redis, deadLetters, stream, group, logger, metrics } = this.#options;
    await addDeadLetter(redis, deadLetters, { stream, group, ...delivery, ...cause });
    metrics.deadLettered(cause.code === 'AW_EVENT_POISONED' ? 'poisoned' : 'malformed');
    logger.error({ ...cause, entryId: delivery.entry.id, deadLetters }, 'Dead-lettered a stream entry');
    return 'settled';
  }
}
