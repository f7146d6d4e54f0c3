import { redisKeys, type AutoWeavePlugin, type JobResult } from '@autoweave/crds';
import { isNotFound, joinKey, KubeError, type EventRecorder } from '@autoweave/platform/kube';
import { StreamGroupConsumer, type Redis } from '@autoweave/platform/redis';
import type { Counter, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { TokenBucket } from '../token-bucket.ts';
import { isHook, resultOf } from './result-consumer.ts';
import { resultEvent } from './result-event.ts';

export interface ResultEventWriterOptions {
  /** A connection of its own, made with `blocking: true`. */
  readonly redis: Redis;
  readonly recorder: EventRecorder;
  readonly plugin: (key: string) => AutoWeavePlugin | undefined;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** A flood of jobs must not fill etcd; the counters of the plugin hold them all. */
const budget = { burst: 500, perSecond: 10 };

/**
 * Makes a Kubernetes Event of each result. A group of its own: while the API server is away the Events wait, and nothing
 * else does. Runs in the leader only.
 */
export class ResultEventWriter {
  readonly #options: ResultEventWriterOptions;
  readonly #consumer: StreamGroupConsumer;
  readonly #budget = new TokenBucket({ ...budget, now: () => performance.now() });
  readonly #left: Counter;

  constructor(options: ResultEventWriterOptions) {
    this.#options = options;
    this.#consumer = new StreamGroupConsumer({
      redis: options.redis,
      stream: redisKeys.resultStream,
      group: redisKeys.resultEventGroup,
      consumer: 'leader',
      deadLetters: redisKeys.resultDeadLetters,
      handle: ({ fields }, signal) => this.#handle(resultOf(fields), signal),
      logger: options.logger,
      metrics: options.metrics,
    });
    this.#left = options.metrics.counter({
      name: 'autoweave_results_events_left_out_total',
      help: 'Results without a Kubernetes Event, since there were too many at once.',
    });
  }

  start(): void {
    this.#consumer.start();
  }

  async stop(): Promise<void> {
    await this.#consumer.stop();
  }

  async #handle(result: JobResult, signal: AbortSignal): Promise<void> {
    if (!isHook(result) || result.state === 'HandedBack') return;
    if (this.#budget.isEmpty) {
      this.#left.increment();
      return;
    }
    const plugin = this.#options.plugin(joinKey(result.plugin));
    try {
      await this.#options.recorder.record(resultEvent(result, plugin), signal);
    } catch (error) {
      if (!isNamespaceGone(error)) throw error;
    }
    // Only now: attempts while the API server is away cost nothing.
    this.#budget.take();
  }
}

function isNamespaceGone(error: unknown): boolean {
  return isNotFound(error) || (error instanceof KubeError && error.message.includes('being terminated'));
}
