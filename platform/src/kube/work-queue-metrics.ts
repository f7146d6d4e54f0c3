import type { MetricsRegistry } from '../telemetry/index.ts';

const outcomes = ['success', 'requeue', 'wait', 'stalled', 'error'] as const;

export type WorkOutcome = (typeof outcomes)[number];

export interface WorkQueueMetrics {
  depth(keys: number): void;
  finished(outcome: WorkOutcome, seconds: number): void;
  retried(): void;
}

export function workQueueMetrics(metrics: MetricsRegistry, queue: string): WorkQueueMetrics {
  const depth = metrics.gauge({
    name: 'autoweave_workqueue_depth_keys',
    help: 'Keys that are due and wait for a free worker.',
    labels: ['queue'],
  });
  const duration = metrics.histogram({
    name: 'autoweave_workqueue_reconcile_duration_seconds',
    help: 'Time one pass over one key took.',
    labels: ['queue'],
  });
  const passes = metrics.counter({
    name: 'autoweave_workqueue_reconciles_total',
    help: 'Passes, by how they ended.',
    labels: { queue: [], outcome: outcomes },
  });
  const retries = metrics.counter({
    name: 'autoweave_workqueue_retries_total',
    help: 'Passes that were put off after an error.',
    labels: ['queue'],
  });
  retries.add(0, { queue });
  depth.set(0, { queue });
  for (const outcome of outcomes) passes.add(0, { queue, outcome });
  return {
    depth: (keys) => depth.set(keys, { queue }),
    finished: (outcome, seconds) => {
      duration.observe(seconds, { queue });
      passes.increment({ queue, outcome });
    },
    retried: () => retries.increment({ queue }),
  };
}
