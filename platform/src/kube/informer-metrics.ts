import type { MetricsRegistry } from '../telemetry/index.ts';
import type { Resource } from './resource.ts';

/** What an informer tells of itself; `resource` is `<plural>.<group>`. */
export interface InformerMetrics {
  progressed(): void;
  relisted(): void;
  restarted(): void;
  listenerFailed(): void;
  holds(objects: number): void;
}

export function informerMetrics(metrics: MetricsRegistry, resource: Resource): InformerMetrics {
  const labels = { resource: resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}` };
  const progress = metrics.gauge({
    name: 'autoweave_informer_last_progress_timestamp_seconds',
    help: 'When the API server last told something new or confirmed that nothing is.',
    labels: ['resource'],
  });
  const relists = metrics.counter({
    name: 'autoweave_informer_relists_total',
    help: 'Complete lists, the first one included.',
    labels: ['resource'],
  });
  const restarts = metrics.counter({
    name: 'autoweave_informer_restarts_total',
    help: 'Lists and watches that failed and were started again.',
    labels: ['resource'],
  });
  const listenerErrors = metrics.counter({
    name: 'autoweave_informer_listener_errors_total',
    help: 'Changes that a listener failed to take.',
    labels: ['resource'],
  });
  const objects = metrics.gauge({
    name: 'autoweave_informer_objects',
    help: 'Objects held.',
    labels: ['resource'],
  });
  relists.add(0, labels);
  restarts.add(0, labels);
  listenerErrors.add(0, labels);
  return {
    progressed: () => progress.set(Date.now() / 1000, labels),
    relisted: () => relists.increment(labels),
    restarted: () => restarts.increment(labels),
    listenerFailed: () => listenerErrors.increment(labels),
    holds: (count) => objects.set(count, labels),
  };
}
