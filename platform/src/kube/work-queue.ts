import { backoffMilliseconds, type BackoffBounds } from '../backoff.ts';
import type { Logger, MetricsRegistry } from '../telemetry/index.ts';
import { startDeadline } from './deadline.ts';
import { DelayedKeys } from './delayed-keys.ts';
import { StalledError, WaitError } from './reconcile-errors.ts';
import { workQueueMetrics } from './work-queue-metrics.ts';
import type { WorkOutcome, WorkQueueMetrics } from './work-queue-metrics.ts';

/** What a pass asks for. Errors ask for a retry; see StalledError and WaitError for those that do not. */
export interface ReconcileResult {
  readonly requeueAfterMilliseconds?: number | undefined;
}

export type Reconcile = (key: string, signal: AbortSignal) => Promise<ReconcileResult | void>;

export interface WorkQueueOptions {
  /** For logs and metrics. */
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** First retry after an error; doubles with each. Default 200 ms. */
  readonly baseDelayMilliseconds?: number;
  /** Default 60 s. */
  readonly maximumDelayMilliseconds?: number;
}

export interface WorkerOptions {
  readonly reconcile: Reconcile;
  /** Keys worked on at once. Default 4. */
  readonly concurrency?: number;
  /** After this the signal of a pass is aborted. Default 2 minutes. */
  readonly timeoutMilliseconds?: number;
}

/**
 * Keys that need work. A key waits at most once, is never worked on twice at once, and when it is added during its
 * own pass, there is another pass after that one: no change goes unseen.
 */
export class WorkQueue {
  readonly #logger: Logger;
  readonly #metrics: WorkQueueMetrics;
  readonly #backoff: BackoffBounds;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** Added while running. */
  readonly #dirty = new Set<string>();
  readonly #delayed = new DelayedKeys((key) => this.add(key));
  /** Failures in a row. */
  readonly #failures = new Map<string, number>();
  readonly #ended = new AbortController();
  #workers: WorkerOptions | undefined;
  #stopping = false;

  constructor(options: WorkQueueOptions) {
    this.#logger = options.logger.child({ queue: options.name });
    this.#metrics = workQueueMetrics(options.metrics, options.name);
    this.#backoff = {
      firstMilliseconds: options.baseDelayMilliseconds ?? 200,
      longestMilliseconds: options.maximumDelayMilliseconds ?? 60_000,
    };
  }

  /** Keys that are due and wait for a worker. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** Keys may be added before the start; after the stop they are dropped. */
  add(key: string): void {
    if (this.#stopping) return;
    if (this.#running.has(key)) this.#dirty.add(key);
    else this.#waiting.add(key);
    this.#dispatch();
  }

  /** Of several times for one key the earliest counts. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#stopping) return;
    if (milliseconds <= 0) this.add(key);
    else this.#delayed.add(key, milliseconds);
  }

  /** @throws Error when it was started or stopped before. */
  start(options: WorkerOptions): void {
    if (this.#workers || this.#stopping) throw new Error('A work queue is started once');
    this.#workers = options;
    this.#dispatch();
  }

  /** Starts no further pass; those under way may end, and after the grace period their signals are aborted. */
  async stop({ graceMilliseconds = 5_000 }: { graceMilliseconds?: number } = {}): Promise<void> {
    this.#stopping = true;
    this.#delayed.clear();
    this.#waiting.clear();
    this.#dirty.clear();
    this.#metrics.depth(0);
    const abort = () => this.#ended.abort(new Error('The work queue was stopped'));
    const timer = setTimeout(abort, graceMilliseconds);
    await Promise.all(this.#running.values());
    clearTimeout(timer);
    abort();
  }

  #dispatch(): void {
    const workers = this.#workers;
    if (!workers) return;
    for (const key of this.#waiting) {
      if (this.#running.size >= (workers.concurrency ?? 4)) break;
      this.#waiting.delete(key);
      this.#running.set(key, this.#work(key, workers));
    }
    this.#metrics.depth(this.#waiting.size);
  }

  async #work(key: string, workers: WorkerOptions): Promise<void> {
    const startedAt = performance.now();
    const deadline = startDeadline(workers.timeoutMilliseconds ?? 120_000, this.#ended.signal);
    let outcome: WorkOutcome;
    try {
      // Not in the stack of whoever added the key: an informer must not wait for a pass.
      await Promise.resolve();
      outcome = this.#succeeded(key, await workers.reconcile(key, deadline.signal));
    } catch (error) {
      outcome = this.#failed(key, error);
    }
    deadline.clear();
    this.#metrics.finished(outcome, (performance.now() - startedAt) / 1000);
    this.#running.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
    this.#dispatch();
  }

  #succeeded(key: string, result: ReconcileResult | void): WorkOutcome {
    this.#failures.delete(key);
    if (result?.requeueAfterMilliseconds === undefined) return 'success';
    this.addAfter(key, result.requeueAfterMilliseconds);
    return 'requeue';
  }

  #failed(key: string, error: unknown): WorkOutcome {
    if (error instanceof WaitError) {
      this.#failures.delete(key);
      this.addAfter(key, error.milliseconds);
      return 'wait';
    }
    if (error instanceof StalledError) {
      this.#failures.delete(key);
      this.#logger.info({ key, reason: error.message }, 'Reconcile stalled until the next change');
      return 'stalled';
    }
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMilliseconds = backoffMilliseconds(failures, this.#backoff);
    this.#logger.warn({ err: error, key, failures, delayMilliseconds }, 'Reconcile failed');
    this.#metrics.retried();
    this.addAfter(key, delayMilliseconds);
    return 'error';
  }
}
