import { backoffMilliseconds, type BackoffBounds } from '../backoff.ts';
import type { Logger } from '../telemetry/index.ts';
import type { StreamConsumerMetrics } from './stream-consumer-metrics.ts';
import type { Delivery } from './stream-entry-processor.ts';
import type { PendingEntry, StreamGroup } from './stream-group.ts';

export interface PendingDeliveriesOptions {
  readonly group: StreamGroup;
  readonly consumer: string;
  readonly batch: number;
  readonly retry: BackoffBounds;
  readonly claimIdleMilliseconds: number;
  readonly logger: Logger;
  readonly metrics: StreamConsumerMetrics;
}

/**
 * Delivers pending entries again. Redis keeps the only state there is about them. Each entry is claimed right before
 * its attempt, never a batch at once: a claim counts as a delivery, and an entry that ends the process must not use up
 * the attempts of those behind it.
 */
export class PendingDeliveries {
  readonly #options: PendingDeliveriesOptions;

  constructor(options: PendingDeliveriesOptions) {
    this.#options = options;
  }

  /** What a former process of the same consumer name left, oldest first, whenever that was. */
  async *left(): AsyncIterable<Delivery> {
    const { group, batch } = this.#options;
    let page = await group.ownPending(batch, undefined);
    while (page.length > 0) {
      for (const pending of page) yield* this.#deliver(pending, 0);
      page = await group.ownPending(batch, page.at(-1)?.id);
    }
  }

  /** Own entries whose last attempt failed long enough ago. */
  async *due(): AsyncIterable<Delivery> {
    const { group, batch, retry } = this.#options;
    for (const pending of await group.ownPending(batch, undefined)) {
      if (pending.idleMilliseconds >= backoffMilliseconds(pending.deliveries, retry)) yield* this.#deliver(pending, 0);
    }
  }

  /** Whether this consumer has pending entries. */
  async any(): Promise<boolean> {
    return (await this.#options.group.ownPending(1, undefined)).length > 0;
  }

  /** Entries of consumers that went silent. */
  async *abandoned(): AsyncIterable<Delivery> {
    const { group, batch, consumer, claimIdleMilliseconds, metrics } = this.#options;
    const page = await group.idlePending(batch, claimIdleMilliseconds);
    for (const pending of page) {
      if (pending.consumer === consumer) continue;
      for await (const delivery of this.#deliver(pending, claimIdleMilliseconds)) {
        metrics.claimed();
        yield delivery;
      }
    }
  }

  async *#deliver(pending: PendingEntry, idleMilliseconds: number): AsyncIterable<Delivery> {
    const { group, logger, metrics } = this.#options;
    const [entry] = await group.claim([pending.id], idleMilliseconds);
    if (entry !== undefined) {
      yield { entry, deliveries: pending.deliveries + 1 };
    } else if (!(await group.holds(pending.id))) {
      metrics.lost();
      logger.error({ entryId: pending.id }, 'Lost a stream entry that was trimmed before it was handled');
    }
  }
}
