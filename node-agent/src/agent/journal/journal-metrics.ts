import type { Counter, Gauge, MetricsRegistry } from '@autoweave/platform/telemetry';

export interface JournalMetrics {
  readonly unsaved: Gauge;
  readonly lost: Counter<'reason'>;
}

export function declareJournalMetrics(metrics: MetricsRegistry): JournalMetrics {
  return {
    unsaved: metrics.gauge({
      name: 'autoweave_journal_unsaved_events',
      help: 'Events that wait in memory because the journal cannot be written.',
    }),
    lost: metrics.counter({
      name: 'autoweave_journal_lost_events_total',
      help: 'Events that were dropped before Redis had them; the state of devices is right all the same.',
      labels: { reason: ['backlog_full', 'memory_full', 'set_aside'] },
    }),
  };
}
