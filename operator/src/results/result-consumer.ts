import { redisKeys, resultFields, type JobResult } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { StreamGroupConsumer, type Redis } from '@autoweave/platform/redis';
import type { Counter, Histogram, Logger, MetricsRegistry, SpanRecorder } from '@autoweave/platform/telemetry';
import type { WaitingRooms } from '../router/ports.ts';
import { roomOf } from '../router/room-name.ts';
import { parseJobResult } from './parse-job-result.ts';
import { resultSpan } from './result-span.ts';

export interface ResultConsumerOptions {
  /** A connection of its own, made with `blocking: true`. */
  readonly redis: Redis;
  readonly rooms: WaitingRooms;
  /** Called when the job has left its room. `jobsLeft` in it; undefined when the job stays, or was in none. */
  readonly onResult: (result: JobResult, jobsLeft: number | undefined) => void;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly spans: SpanRecorder;
}

/** Ends jobs: what has its result leaves its room. Runs in the leader only. */
export class ResultConsumer {
  readonly #options: ResultConsumerOptions;
  readonly #consumer: StreamGroupConsumer;
  readonly #results: Counter<'state'>;
  readonly #durations: Histogram;

  constructor(options: ResultConsumerOptions) {
    this.#options = options;
    this.#consumer = new StreamGroupConsumer({
      redis: options.redis,
      stream: redisKeys.resultStream,
      group: redisKeys.resultGroup,
      consumer: 'leader',
      deadLetters: redisKeys.resultDeadLetters,
      handle: ({ fields }) => this.#handle([resultOf(fields)]),
      handleBatch: (entries) => this.#handle(entries.map(({ fields }) => resultOf(fields))),
      logger: options.logger,
      metrics: options.metrics,
    });
    this.#results = options.metrics.counter({
      name: 'autoweave_results_total',
      help: 'Results of jobs.',
      labels: { state: ['Succeeded', 'Failed', 'HandedBack'] },
    });
    this.#durations = options.metrics.histogram({
      name: 'autoweave_results_job_duration_seconds',
      help: 'Time that executors took for a job.',
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 600],
    });
  }

  start(): void {
    this.#consumer.start();
  }

  async stop(): Promise<void> {
    await this.#consumer.stop();
  }

  async #handle(results: readonly JobResult[]): Promise<void> {
    const startedAt = Date.now();
    const ended = Map.groupBy(results.filter(isEnd), roomOf);
    const left = new Map<string, number>();
    await Promise.all(
      [...ended].map(async ([room, ofRoom]) => {
        left.set(
          room,
          await this.#options.rooms.remove(
            room,
            ofRoom.map(({ jobId }) => jobId),
          ),
        );
      }),
    );
    for (const result of results) {
      this.#results.increment({ state: result.state });
      this.#durations.observe(Math.max(0, result.finishedAt - result.startedAt) / 1000);
      this.#options.onResult(result, isEnd(result) ? left.get(roomOf(result)) : undefined);
    }
    const endedAt = Date.now();
    this.#options.spans.record(() => results.map((result) => resultSpan(result, { startedAt, endedAt })));
  }
}

/** Of a job that was in a room, and is no more. */
function isEnd(result: JobResult): boolean {
  return isHook(result) && result.state !== 'HandedBack';
}

/** Loads and unloads are the operator's own, and wait in no room. */
export function isHook({ type }: JobResult): boolean {
  return type !== 'plugin.load' && type !== 'plugin.unload';
}

/** @throws AutoWeaveError AW_RECORD_INVALID */
export function resultOf(fields: Readonly<Record<string, string>>): JobResult {
  const text = fields[resultFields.result];
  const result = text === undefined ? undefined : parseJobResult(text);
  if (result === undefined) {
    throw new AutoWeaveError('AW_RECORD_INVALID', `${resultFields.result} is not the JSON of a result`, {
      field: resultFields.result,
      value: text?.slice(0, 200),
    });
  }
  return result;
}
