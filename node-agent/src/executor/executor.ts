import { setTimeout as delay } from 'node:timers/promises';
import { type JobResult, type LaneJob, queues } from '@autoweave/crds';
import { errorMessage } from '@autoweave/platform/errors';
import type { Redis } from '@autoweave/platform/redis';
import type { Counter, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { type Job, WaitingError, Worker } from 'bullmq';
import type { LaneJobRunner } from './jobs/lane-job-runner.ts';
import { Presence, type ExecutorIdentity } from './jobs/presence.ts';
import type { ResultRecorder } from './jobs/result-recorder.ts';
import { SerialQueue } from './jobs/serial-queue.ts';
import type { PluginRuntime } from './ports.ts';

const lockMilliseconds = 10_000;
const stalledCheckMilliseconds = 5_000;
const maxStalledCount = 3;
const keptJobs = { age: 24 * 3600, count: 1000 };
const drainMilliseconds = 5_000;
const closeMilliseconds = 1_000;
const retryMilliseconds = 1_000;
/** From BullMQ's script for stalled jobs. */
const stalledTooOften = 'job stalled more than allowable limit';
/** How a call fails because its runtime was stopped under it. */
const endedByStop: readonly (string | undefined)[] = ['AW_PLUGIN_ENDED', 'AW_RUNNER_UNAVAILABLE'];

export interface ExecutorOptions {
  readonly identity: ExecutorIdentity;
  /** For short commands, which wait for Redis when it is away (`blocking` of createRedis). */
  readonly redis: Redis;
  /** Of the worker alone, which duplicates it for what blocks. */
  readonly workerRedis: Redis;
  readonly concurrency: number;
  readonly runtime: PluginRuntime;
  readonly jobs: LaneJobRunner;
  readonly results: ResultRecorder;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Takes the lane of its node: runs each job once, records its result, and only then lets BullMQ complete it. */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #presence: Presence;
  readonly #worker: Worker<LaneJob, JobResult>;
  readonly #byPlugin = new SerialQueue();
  readonly #running = new Set<string>();
  readonly #errors: Counter;
  #stopping: Promise<void> | undefined;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    const { identity, redis, workerRedis, logger, metrics, concurrency } = options;
    this.#presence = new Presence(redis, identity, logger);
    this.#errors = metrics.counter({
      name: 'autoweave_executor_lane_errors_total',
      help: 'Errors of the queue, mostly Redis being away.',
    });
    const running = metrics.gauge({ name: 'autoweave_executor_jobs_running', help: 'Jobs that run now.' });
    metrics.onRender(() => running.set(this.#running.size));
    this.#worker = new Worker<LaneJob, JobResult>(
      queues.lane(identity.node),
      (job, token) => this.#process(job, token),
      {
        connection: workerRedis,
        // The router knows by it which instance took a job.
        name: identity.instance,
        autorun: false,
        concurrency,
        lockDuration: lockMilliseconds,
        stalledInterval: stalledCheckMilliseconds,
        maxStalledCount,
        removeOnComplete: keptJobs,
        removeOnFail: keptJobs,
      },
    );
    this.#worker.on('error', (error) => {
      this.#errors.increment();
      logger.debug({ reason: errorMessage(error) }, 'Failed to reach the lane');
    });
    this.#worker.on('failed', (job, error) => void this.#gaveUp(job, error));
  }

  /** Does not wait for Redis. The operator knows of this executor before it can find a job with it. */
  start(): void {
    void this.#takeLane();
  }

  async #takeLane(): Promise<void> {
    const { identity, logger } = this.#options;
    await this.#presence.start();
    if (this.#stopping !== undefined) return;
    logger.info({ ...identity }, 'Started to take the lane');
    await this.#worker.run();
  }

  /**
   * Takes nothing more; what runs has 5 s, and what has not ended then, or not begun, goes back to the head of the
   * lane. Idempotent.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#presence.stop();
    const closed = this.#worker.close();
    const drained = new AbortController();
    await Promise.race([
      closed,
      delay(drainMilliseconds, undefined, { signal: drained.signal }).catch(() => undefined),
    ]);
    drained.abort();
    // Ends what still runs: those calls fail, and their jobs go back.
    await this.#options.runtime.stop();
    await Promise.race([closed, delay(closeMilliseconds, undefined, { ref: false })]);
  }

  async #process(job: Job<LaneJob, JobResult>, token: string | undefined): Promise<JobResult> {
    try {
      const result = await this.#inTurn(job);
      return result === undefined ? await goBack(job, token) : await this.#options.results.record(result);
    } catch (error) {
      if (error instanceof WaitingError) throw error;
      this.#options.logger.error({ err: error, jobId: job.data.id }, 'Failed to record a job, it runs again');
      await delay(retryMilliseconds);
      return goBack(job, token);
    }
  }

  /**
   * In the order in which BullMQ hands them out: nothing may wait before the queue of the plugin. The next one need not
   * wait for the record of this one, since of one device a plugin has one job at a time in the lane.
   *
   * @returns undefined when the job was cut off by our own end
   */
  #inTurn({ data: job, timestamp: releasedAt }: Job<LaneJob, JobResult>): Promise<JobResult | undefined> {
    const { namespace, name } = job.plugin;
    const known = this.#options.results.find(job.id);
    // Heard when its turn has come.
    known.catch(() => undefined);
    return this.#byPlugin.run(`${namespace}/${name}`, async () => (await known) ?? this.#run(job, releasedAt));
  }

  async #run(job: LaneJob, releasedAt: number): Promise<JobResult | undefined> {
    if (this.#stopping !== undefined) return undefined;
    this.#running.add(job.id);
    try {
      const result = await this.#options.jobs.run(job, releasedAt);
      return this.#stopping !== undefined && endedByStop.includes(result.code) ? undefined : result;
    } finally {
      this.#running.delete(job.id);
    }
  }

  /** BullMQ gives a job up when executors died of it again and again. */
  async #gaveUp(job: Job<LaneJob, JobResult> | undefined, error: Error): Promise<void> {
    if (job === undefined || error.message !== stalledTooOften) return;
    const { results, identity, logger } = this.#options;
    const { id: jobId, type, plugin, deviceName, event, traceparent } = job.data;
    logger.error({ err: error, jobId, type, plugin }, 'Gave a job up');
    const now = Date.now();
    try {
      await results.record({
        jobId,
        type,
        plugin,
        node: identity.node,
        ...(deviceName === undefined ? {} : { deviceName }),
        ...(event === undefined ? {} : { eventId: event.eventId }),
        state: 'Failed',
        code: 'AW_JOB_STALLED',
        message: error.message,
        startedAt: job.processedOn ?? now,
        finishedAt: now,
        traceparent,
      });
    } catch (recordError) {
      logger.error({ err: recordError, jobId }, 'Failed to record a job that was given up');
    }
  }
}

async function goBack(job: Job<LaneJob, JobResult>, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
