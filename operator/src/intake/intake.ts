import { queues } from '@autoweave/crds';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, errorMessage } from '@autoweave/platform/errors';
import type { Redis } from '@autoweave/platform/redis';
import type { Counter, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import { admit, type Admission, type AdmissionPorts } from './admission.ts';

export interface IntakeOptions extends AdmissionPorts {
  /** Made with `blocking: true`; each queue adds one of its own. */
  readonly redis: Redis;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

const retryMilliseconds = 500;
/** Where the client does not say. Longer than any client looks for its admission, and bounded. */
const kept = { age: 24 * 3600, count: 1_000 };
/** A leader that dies leaves its jobs as stalled: nothing is wrong with them. */
const maxStalledCount = 1_000;

/** The four queues that any BullMQ client may add to. Runs in the leader only. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #logger: Logger;
  readonly #jobs: Counter<'queue' | 'outcome'>;
  #workers: readonly Worker[] = [];

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ part: 'intake' });
    this.#jobs = options.metrics.counter({
      name: 'autoweave_intake_jobs_total',
      help: 'Jobs that came in through the open-door queues.',
      labels: { queue: Object.keys(queues.intake), outcome: ['admitted', 'duplicate', 'refused', 'error'] },
    });
  }

  start(): void {
    // The documents' priorities become shares of the leader's attention.
    this.#workers = Object.entries(queues.intake).map(([queue, priority]) => this.#open(queue, priority));
  }

  /** Jobs that were begun end first, unless Redis is away: then the next leader takes them up. The rest stays in the queues. */
  async stop(): Promise<void> {
    const { redis } = this.#options;
    const isAway = redis.status !== 'ready';
    // A Worker whose connection is lost while it closes never ends (https://github.com/redis/ioredis/pull/2169).
    const lost = Promise.withResolvers<void>();
    redis.once('close', lost.resolve);
    await Promise.race([Promise.all(this.#workers.map((worker) => worker.close(isAway))), lost.promise]);
    redis.off('close', lost.resolve);
  }

  #open(queue: string, concurrency: number): Worker {
    const { redis: connection } = this.#options;
    const options = { connection, concurrency, maxStalledCount, removeOnComplete: kept, removeOnFail: kept };
    const worker = new Worker(queue, (job, token = '') => this.#process(queue, job, token), options);
    worker.on('error', (error) => this.#logger.debug({ err: error, queue }, 'Failed to read an intake queue'));
    return worker;
  }

  async #process(queue: string, job: Job<unknown>, token: string): Promise<Admission> {
    const { id = '', name, data } = job;
    try {
      const admission = await admit({ queue, id, name, data }, this.#options);
      this.#jobs.increment({ queue, outcome: admission.duplicate === true ? 'duplicate' : 'admitted' });
      return admission;
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) return await this.#putBack(job, token, error);
      this.#jobs.increment({ queue, outcome: 'refused' });
      this.#logger.info({ queue, jobId: id, code, reason: errorMessage(error) }, 'Refused a job');
      throw new UnrecoverableError(`${code}: ${errorMessage(error)}`);
    }
  }

  /** Not the fault of the job, which may have but one attempt. */
  async #putBack(job: Job<unknown>, token: string, error: unknown): Promise<never> {
    this.#jobs.increment({ queue: job.queueName, outcome: 'error' });
    this.#logger.warn({ err: error, queue: job.queueName, jobId: job.id }, 'Failed to admit a job');
    await sleep(retryMilliseconds);
    await job.moveToWait(token);
    throw new WaitingError();
  }
}
