import type { Counter, Histogram, MetricsRegistry } from '@autoweave/platform/telemetry';

export interface PublisherMetrics {
  readonly events: Counter<'outcome'>;
  readonly missing: Counter;
  readonly latency: Histogram;
  readonly batches: Histogram;
}

export function declarePublisherMetrics(metrics: MetricsRegistry, backlog: () => number): PublisherMetrics {
  const backlogGauge = metrics.gauge({
    name: 'autoweave_publisher_backlog_events',
    help: 'Events in the journal that Redis has not confirmed.',
  });
  metrics.onRender(() => backlogGauge.set(backlog()));
  return {
    events: metrics.counter({
      name: 'autoweave_publisher_events_total',
      help: 'Events that Redis took; duplicate: it had them before.',
      labels: { outcome: ['appended', 'duplicate'] },
    }),
    missing: metrics.counter({
      name: 'autoweave_publisher_missing_events_total',
      help: 'Events that the stream lacks and the journal no longer holds (AW_SEQUENCE_GAP).',
    }),
    latency: metrics.histogram({
      name: 'usb_event_processing_duration_seconds',
      help: 'From the transition of a device until Redis confirmed its event.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    }),
    batches: metrics.histogram({
      name: 'autoweave_publisher_batch_duration_seconds',
      help: 'One round trip to Redis with up to 64 events.',
      buckets: [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    }),
  };
}
