import { pino } from 'pino';
import { vi } from 'vitest';
import { MetricsRegistry } from '../../telemetry/index.ts';
import { WorkQueue } from '../work-queue.ts';
import type { ReconcileResult } from '../work-queue.ts';

export interface Pass {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly startedAt: number;
  end(result?: ReconcileResult): Promise<void>;
  fail(error: unknown): Promise<void>;
}

export interface ManualQueue {
  readonly queue: WorkQueue;
  readonly metrics: MetricsRegistry;
  /** In the order of their starts. */
  readonly running: readonly Pass[];
  readonly runningKeys: () => string[];
  /** Keys of all passes ever started. */
  readonly history: readonly string[];
  readonly start: () => void;
}

/** A queue whose passes end when the test says so. For fake timers. */
export function startManualQueue(options: { concurrency?: number; started?: boolean } = {}): ManualQueue {
  const metrics = new MetricsRegistry();
  const queue = new WorkQueue({ name: 'test', logger: pino({ enabled: false }), metrics });
  const running: Pass[] = [];
  const history: string[] = [];
  const start = () =>
    queue.start({
      concurrency: options.concurrency ?? 4,
      timeoutMilliseconds: 90_000,
      reconcile: (key, signal) => {
        const { promise, resolve, reject } = Promise.withResolvers<ReconcileResult | void>();
        const finish = async (how: () => void) => {
          running.splice(running.indexOf(pass), 1);
          how();
          await vi.advanceTimersByTimeAsync(0);
        };
        const pass: Pass = {
          key,
          signal,
          startedAt: performance.now(),
          end: (result) => finish(() => resolve(result)),
          fail: (error) => finish(() => reject(error)),
        };
        running.push(pass);
        history.push(key);
        return promise;
      },
    });
  if (options.started !== false) start();
  const runningKeys = () => running.map(({ key }) => key);
  return { queue, metrics, running, runningKeys, history, start };
}

/** Lets everything happen that is due now. */
export const settle = async (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
