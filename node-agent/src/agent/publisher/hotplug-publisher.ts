import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { hotplugEventFields, type HotplugAppend, type HotplugAppendReply, type HotplugEvent } from '@autoweave/crds';
import { errorMessage } from '@autoweave/platform/errors';
import { closeRedis, type Redis } from '@autoweave/platform/redis';
import type { Logger, MetricsRegistry, SpanRecorder } from '@autoweave/platform/telemetry';
import type { JournalEntry } from '../journal/device-record.ts';
import type { Journal } from '../journal/journal.ts';
import { declarePublisherMetrics, type PublisherMetrics } from './publisher-metrics.ts';
import { publishSpans, type Publication } from './publish-spans.ts';
import { isAhead, resumePoint, type ResumePoint } from './resume-point.ts';
import { StreamConnection } from './stream-connection.ts';
import { WakeUp } from './wake-up.ts';

export interface HotplugPublisherOptions {
  /** A connection for the publisher alone; it closes it. */
  readonly redis: Redis;
  readonly journal: Journal;
  readonly node: string;
  /** The stream is trimmed to about this many entries. */
  readonly streamMaximumLength: number;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly spans: SpanRecorder;
}

const batchSize = 64;
const longestRetryMilliseconds = 2000;
const stopGraceMilliseconds = 250;

/**
 * Brings the journal into the stream `aw:hotplug`, in order, each event once: Redis takes only the next one. After each
 * connection it asks which event Redis has, and goes on after that one, so what Redis lost is sent again from the tail.
 */
export class HotplugPublisher {
  readonly #options: HotplugPublisherOptions;
  readonly #stream: StreamConnection;
  readonly #metrics: PublisherMetrics;
  readonly #work = new WakeUp();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;
  #problem: string | undefined = 'not connected to Redis yet';
  #unsafe = '';
  #failures = 0;
  /** Redis went away, or its mark is not what we left: ask again before sending more. */
  #interrupted = true;

  constructor(options: HotplugPublisherOptions) {
    const { journal, metrics } = options;
    this.#options = options;
    this.#stream = new StreamConnection(options.redis);
    this.#metrics = declarePublisherMetrics(metrics, () => journal.lastPosition - journal.acknowledged);
  }

  /** Why events do not reach Redis; undefined when they do. */
  get problem(): string | undefined {
    return this.#problem;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#options.redis.on('close', this.#onClose);
    this.#unsubscribe = this.#options.journal.subscribe((_names, event) => {
      if (event !== undefined) this.#work.wake();
    });
    this.#running = this.#run(this.#stopping.signal);
  }

  /** What is under way may end for a moment; what is left stays in the journal. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#stopping.abort();
    this.#work.wake();
    await Promise.race([this.#running, delay(stopGraceMilliseconds, undefined, { ref: false })]);
    this.#options.redis.off('close', this.#onClose);
    await closeRedis(this.#options.redis);
    await this.#running;
  }

  readonly #onClose = (): void => {
    this.#interrupt('the connection to Redis was lost');
  };

  #interrupt(reason: string): void {
    this.#interrupted = true;
    this.#problem = reason;
    this.#work.wake();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let refused = false;
    while (!signal.aborted) {
      try {
        await this.#connected(signal);
        const point = await this.#resume(refused);
        refused = await this.#send(point, signal);
        if (refused) await this.#retryPause(signal);
      } catch (error) {
        if (signal.aborted) return;
        refused = false;
        this.#failed(error);
        await this.#retryPause(signal);
      }
    }
  }

  async #connected(signal: AbortSignal): Promise<void> {
    const { redis } = this.#options;
    if (redis.status !== 'ready') await once(redis, 'ready', { signal });
  }

  async #resume(refused: boolean): Promise<ResumePoint> {
    const { journal, node, logger } = this.#options;
    this.#interrupted = false;
    this.#tellUnsafe(await this.#stream.prepare());
    const mark = await this.#stream.mark(node);
    await this.#stream.confirm();
    const point = resumePoint(mark, journal, refused);
    if (isAhead(mark, journal)) {
      logger.error({ mark, code: 'AW_SEQUENCE_GAP' }, 'Redis claims events that were never recorded');
      journal.beginEpoch();
    }
    journal.acknowledge(point.complete);
    logger.debug({ mark, ...point }, 'Continued to publish');
    if (!this.#interrupted) this.#problem = undefined;
    return point;
  }

  /** Until Redis goes away, or refuses what comes next. @returns Whether it refused. */
  async #send(from: ResumePoint, signal: AbortSignal): Promise<boolean> {
    let point = from;
    while (!signal.aborted && !this.#interrupted) {
      const entries = this.#options.journal.entriesAfter(point.after, batchSize);
      const last = entries.at(-1);
      if (last === undefined) {
        await this.#work.sleep();
        continue;
      }
      const sentAt = Date.now();
      const startedAt = performance.now();
      const replies = await this.#stream.append(this.#appends(entries, point));
      await this.#stream.confirm();
      const milliseconds = performance.now() - startedAt;
      this.#metrics.batches.observe(milliseconds / 1000);
      const publication = { sentAt, confirmedAt: sentAt + milliseconds, batchSize: entries.length };
      if (!this.#settle(entries, replies, publication)) return true;
      this.#failures = 0;
      point = { after: last.position, complete: last.position, jump: false };
    }
    return false;
  }

  /** An event whose predecessor is gone may leave a gap behind it; any other may not. */
  #appends(entries: readonly JournalEntry[], { complete, jump }: ResumePoint): HotplugAppend[] {
    const { node, streamMaximumLength: maximumLength } = this.#options;
    return entries.map(({ position, event }, index) => {
      const missing = position - 1 - (entries[index - 1]?.position ?? complete);
      if (missing > 0) this.#tellGap(event.eventId, missing);
      const allowJump = missing > 0 || (index === 0 && jump);
      const { epoch, sequence } = event;
      return { node, epoch, sequence, maximumLength, allowJump, fields: Object.fromEntries(hotplugEventFields(event)) };
    });
  }

  /** @returns false when Redis refused one: its mark is not what we left. */
  #settle(entries: readonly JournalEntry[], replies: readonly HotplugAppendReply[], publication: Publication): boolean {
    for (const [index, { position, event }] of entries.entries()) {
      const reply = replies[index];
      if (reply === undefined || reply.outcome === 'gap') {
        this.#options.logger.warn({ mark: reply?.mark, eventId: event.eventId }, 'Redis lost or gained events');
        return false;
      }
      this.#options.journal.acknowledge(position);
      this.#metrics.events.increment({ outcome: reply.outcome });
      if (reply.outcome === 'appended') this.#appended(event, publication);
    }
    return true;
  }

  #appended(event: HotplugEvent, publication: Publication): void {
    this.#metrics.latency.observe(Math.max(0, publication.confirmedAt - event.timestamp) / 1000);
    this.#options.spans.record(() => publishSpans(event, publication));
  }

  #tellGap(eventId: string, missing: number): void {
    this.#metrics.missing.add(missing);
    const detail = { eventId, missing, code: 'AW_SEQUENCE_GAP' };
    this.#options.logger.warn(detail, 'The stream lacks events that the journal no longer holds');
  }

  #tellUnsafe(reasons: readonly string[]): void {
    const unsafe = reasons.join('; ');
    if (unsafe !== this.#unsafe && unsafe !== '') {
      this.#options.logger.warn({ reason: unsafe, code: 'AW_REDIS_UNSAFE' }, 'Redis may lose events');
    }
    this.#unsafe = unsafe;
  }

  #failed(error: unknown): void {
    this.#interrupted = true;
    this.#problem = errorMessage(error);
    const level = this.#failures === 0 ? 'warn' : 'debug';
    this.#options.logger[level]({ err: error, failures: this.#failures + 1 }, 'Failed to publish');
  }

  /** Grows with each failure since the last success, with jitter: agents must not come back together. */
  async #retryPause(signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    const bound = Math.min(longestRetryMilliseconds, 50 * 2 ** Math.min(this.#failures, 10));
    await delay(bound * (0.5 + Math.random() / 2), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
