import type { Redis } from 'ioredis';
import { backoffMilliseconds, type BackoffBounds } from '../backoff.ts';
import { errorMessage } from '../errors/index.ts';
import type { ReadinessCheck } from '../http/index.ts';
import type { Logger, MetricsRegistry } from '../telemetry/index.ts';
import { PendingDeliveries } from './pending-deliveries.ts';
import { pause } from './pause.ts';
import { streamConsumerMetrics, type StreamConsumerMetrics } from './stream-consumer-metrics.ts';
import { StreamEntryProcessor, type Delivery } from './stream-entry-processor.ts';
import { unlessAborted } from './unless-aborted.ts';
import { isGroupMissing, StreamGroup, type StreamEntry } from './stream-group.ts';

export interface StreamGroupConsumerOptions {
  /** A connection of its own, made with `blocking: true`. */
  readonly redis: Redis;
  readonly stream: string;
  readonly group: string;
  /**
   * Unique among the consumers that run. Where only one runs at a time (a leader), the same name each time: what the
   * former one left is then handled first, in order, without waiting for it to be idle.
   */
  readonly consumer: string;
  /** Stream for entries that were given up; see `addDeadLetter` for its fields. */
  readonly deadLetters: string;
  /**
   * Makes the effect of one entry; must be idempotent, as an entry can come again. An AutoWeaveError
   * AW_EVENT_MALFORMED or AW_…_INVALID says that no attempt can succeed.
   */
  readonly handle: (entry: StreamEntry, signal: AbortSignal) => Promise<void>;
  /**
   * Makes the effects of all new entries of one read, in order, for less than one by one. When it throws, `handle` gets
   * each of them, also those whose effect was made. Default: `handle` gets each of them at once.
   */
  readonly handleBatch?: (entries: readonly StreamEntry[], signal: AbortSignal) => Promise<void>;
  /** Attempts at an entry before it is dead-lettered; outages of what the handler needs do not count. Default 5. */
  readonly maxDeliveries?: number;
  /** An entry that another consumer has held so long is taken over; longer than a batch takes. Default 30,000. */
  readonly claimIdleMilliseconds?: number;
  /** Entries per read. Default 100. */
  readonly batch?: number;
  /** Longest wait for a new entry, and so for a stop when idle. Default 400. */
  readonly blockMilliseconds?: number;
  /** Between the attempts at one entry. Default: from 250 doubling to 30,000. */
  readonly retry?: BackoffBounds;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

const defaults = {
  maxDeliveries: 5,
  claimIdleMilliseconds: 30_000,
  batch: 100,
  blockMilliseconds: 400,
  retry: { firstMilliseconds: 250, longestMilliseconds: 30_000 },
} as const;
const failureBackoff: BackoffBounds = { firstMilliseconds: 100, longestMilliseconds: 5_000 };
const lagIntervalMilliseconds = 5_000;
const stopGraceMilliseconds = 3_000;

/**
 * One consumer of a Redis stream group: at least once, in order but for entries that fail, dead letters for poison.
 * Survives outages of Redis, and the loss of its data (the group is made again, from the first entry on).
 */
export class StreamGroupConsumer {
  readonly #options: StreamGroupConsumerOptions & Required<Omit<StreamGroupConsumerOptions, 'handleBatch'>>;
  readonly #logger: Logger;
  readonly #metrics: StreamConsumerMetrics;
  readonly #group: StreamGroup;
  readonly #processor: StreamEntryProcessor;
  readonly #pending: PendingDeliveries;
  readonly #stopping = new AbortController();
  readonly #giveUp = new AbortController();
  #running: Promise<void> | undefined;
  #problem: string | undefined = 'not started';
  #handling = false;
  /** Counts the connections that were made. */
  #connections = 0;
  /** The connection on which the group was made sure of and what was pending was handled. */
  #begunOn: number | undefined;
  #retriesPending = false;
  #nextClaimAt = 0;
  #nextLagAt = 0;

  constructor(given: StreamGroupConsumerOptions) {
    const options = { ...defaults, ...given };
    this.#options = options;
    this.#logger = options.logger.child({ stream: options.stream, group: options.group });
    this.#metrics = streamConsumerMetrics(options.metrics, options);
    this.#group = new StreamGroup(options);
    const shared = { logger: this.#logger, metrics: this.#metrics };
    this.#pending = new PendingDeliveries({ ...options, ...shared, group: this.#group });
    this.#processor = new StreamEntryProcessor({
      ...options,
      ...shared,
      stopping: this.#stopping.signal,
      giveUp: this.#giveUp.signal,
    });
  }

  /** Returns at once; an unreachable Redis is waited for. */
  start(): void {
    if (this.#running !== undefined) return;
    this.#options.redis.on('ready', this.#connected);
    this.#running = this.#run();
  }

  /**
   * Lets the entry in hand end, for up to 3 s; what was read and not begun stays pending. Without an entry in hand
   * nothing is waited for.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#running === undefined) return;
    const { redis } = this.#options;
    if (!this.#handling && redis.status !== 'ready') this.#giveUp.abort();
    const grace = setTimeout(() => {
      this.#logger.warn({ handling: this.#handling }, 'Gave up waiting for a stream consumer to stop');
      this.#giveUp.abort();
    }, stopGraceMilliseconds);
    await this.#running;
    clearTimeout(grace);
    redis.off('ready', this.#connected);
  }

  /** For `/readyz`. */
  readiness(): ReadinessCheck {
    return { name: `stream-${this.#options.stream}`, check: () => this.#problem };
  }

  readonly #connected = (): void => {
    this.#connections += 1;
  };

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        await unlessAborted(this.#round(), this.#giveUp.signal);
        failures = 0;
        this.#problem = undefined;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        failures += 1;
        this.#failed(error);
        await pause(backoffMilliseconds(failures, failureBackoff), this.#stopping.signal);
      }
    }
  }

  #failed(error: unknown): void {
    if (isGroupMissing(error)) {
      this.#begunOn = undefined;
      this.#logger.warn({ err: error }, 'Found the consumer group gone');
      return;
    }
    this.#problem = errorMessage(error);
    this.#logger.error({ err: error }, 'Failed to read a stream');
  }

  async #round(): Promise<void> {
    const { batch, blockMilliseconds, retry, claimIdleMilliseconds } = this.#options;
    if (this.#begunOn !== this.#connections) await this.#begin();
    if (this.#retriesPending) {
      await this.#processAll(this.#pending.due());
      this.#retriesPending = await this.#pending.any();
    }
    const now = performance.now();
    if (now >= this.#nextClaimAt) {
      this.#nextClaimAt = now + claimIdleMilliseconds / 3;
      await this.#processAll(this.#pending.abandoned());
    }
    if (now >= this.#nextLagAt) {
      this.#nextLagAt = now + lagIntervalMilliseconds;
      await this.#measureLag();
    }
    const wait = this.#retriesPending ? Math.min(blockMilliseconds, retry.firstMilliseconds) : blockMilliseconds;
    const read = this.#group.readNew(batch, Math.max(1, wait));
    const entries = await unlessAborted(read, this.#stopping.signal);
    // What was read on a connection that broke is pending, perhaps without our having heard of it: all of it is handled
    // as such, in order.
    if (this.#begunOn !== this.#connections || (await this.#processBatch(entries))) return;
    await this.#processAll(newDeliveries(entries));
  }

  async #begin(): Promise<void> {
    await this.#group.create();
    const connection = this.#connections;
    await this.#processAll(this.#pending.left());
    this.#begunOn = connection;
  }

  /** @returns false when the entries have to go through `handle`, which tells what fails. */
  async #processBatch(entries: readonly StreamEntry[]): Promise<boolean> {
    const { handleBatch } = this.#options;
    if (handleBatch === undefined || entries.length === 0) return false;
    this.#handling = true;
    try {
      await handleBatch(entries, this.#giveUp.signal);
    } catch (error) {
      this.#logger.debug({ err: error, entries: entries.length }, 'Failed to handle stream entries together');
      return false;
    } finally {
      this.#handling = false;
    }
    for (const _ of entries) this.#metrics.handled();
    await this.#group.acknowledge(entries.map(({ id }) => id));
    return true;
  }

  /** One after the other; acknowledgements travel meanwhile, and have all arrived at the end. */
  async #processAll(deliveries: AsyncIterable<Delivery> | Iterable<Delivery>): Promise<void> {
    const acknowledgements: Promise<Error | undefined>[] = [];
    for await (const delivery of deliveries) {
      if (this.#stopping.signal.aborted) break;
      this.#handling = true;
      const outcome = await this.#processor.process(delivery).finally(() => (this.#handling = false));
      if (outcome === 'left') this.#retriesPending = true;
      else acknowledgements.push(this.#acknowledge(delivery.entry.id));
    }
    const failure = (await Promise.all(acknowledgements)).find((outcome) => outcome !== undefined);
    if (failure !== undefined) throw failure;
  }

  /** Never rejects: the next entry is handled meanwhile. */
  async #acknowledge(id: string): Promise<Error | undefined> {
    try {
      await this.#group.acknowledge([id]);
      return undefined;
    } catch (error) {
      return new Error(errorMessage(error), { cause: error });
    }
  }

  async #measureLag(): Promise<void> {
    this.#metrics.measured(await this.#group.lag());
  }
}

function newDeliveries(entries: readonly StreamEntry[]): readonly Delivery[] {
  return entries.map((entry) => ({ entry, deliveries: 1 }));
}
