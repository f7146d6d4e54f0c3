import { queues, redisKeys, type JobResult, type JobState, type LaneJob } from '@autoweave/crds';
import type { Redis } from '@autoweave/platform/redis';
import { Worker } from 'bullmq';
import { RedisJobRecords } from '../results/redis-job-records.ts';

export interface TestExecutorOptions {
  readonly node: string;
  readonly instance: string;
  /** Made with `blocking: true`. */
  readonly redis: Redis;
  /** What the hook does; it may throw. Default: succeeds at once. */
  readonly run?: (job: LaneJob) => Promise<JobState | void>;
}

/** Plays the executor of a node as the contract asks: presence, lane, one record a job. */
export class TestExecutor {
  readonly ran: LaneJob[] = [];
  readonly #options: TestExecutorOptions;
  readonly #records: RedisJobRecords;
  #worker: Worker<LaneJob> | undefined;
  #presence: NodeJS.Timeout | undefined;

  constructor(options: TestExecutorOptions) {
    this.#options = options;
    this.#records = new RedisJobRecords(options.redis);
  }

  async start(): Promise<this> {
    const { node, instance, redis } = this.#options;
    await this.#bePresent();
    this.#presence = setInterval(() => void this.#bePresent().catch(() => {}), 1_000);
    this.#worker = new Worker<LaneJob>(queues.lane(node), (job) => this.#work(job.data), {
      connection: redis,
      name: instance,
      concurrency: 4,
      lockDuration: 10_000,
      stalledInterval: 5_000,
      maxStalledCount: 3,
    });
    this.#worker.on('error', () => {});
    await this.#worker.waitUntilReady();
    return this;
  }

  /** Ends without a word, as if by SIGKILL: jobs that run stay active and locked, the presence key runs out. */
  async die(): Promise<void> {
    clearInterval(this.#presence);
    await this.#worker?.close(true);
    this.#worker = undefined;
  }

  async stop(): Promise<void> {
    clearInterval(this.#presence);
    if (this.#worker === undefined) return;
    await this.#worker.close();
    await this.#options.redis.del(redisKeys.executor(this.#options.node));
  }

  async #bePresent(): Promise<void> {
    const { node, instance, redis } = this.#options;
    const presence = JSON.stringify({ node, instance, startedAt: Date.now(), version: '0.1.0' });
    await redis.set(redisKeys.executor(node), presence, 'PX', 3_000);
    await redis.sadd(redisKeys.executors, node);
  }

  async #work(job: LaneJob): Promise<JobResult | undefined> {
    if (await this.#records.has(job.id)) return undefined;
    const state = (await this.#options.run?.(job)) ?? 'Succeeded';
    this.ran.push(job);
    const result = testResult(job, this.#options.node, state);
    await this.#records.record(result);
    return result;
  }
}

export function testResult(job: LaneJob, node: string, state: JobState = 'Succeeded'): JobResult {
  const { id: jobId, type, plugin, traceparent, deviceName, event } = job;
  return {
    jobId,
    type,
    plugin,
    node,
    state,
    ...(state === 'Failed' ? { code: 'AW_PLUGIN_THREW', message: 'no' } : {}),
    ...(deviceName === undefined ? {} : { deviceName }),
    ...(event === undefined ? {} : { eventId: event.eventId }),
    startedAt: Date.now(),
    finishedAt: Date.now(),
    traceparent,
  };
}
