import type { MetricsRegistry } from '../telemetry/index.ts';
import type { GroupLag } from './stream-group.ts';

/** What a consumer tells of itself. A stream may have several groups. */
export interface StreamConsumerMetrics {
  handled(): void;
  retried(): void;
  deadLettered(reason: 'malformed' | 'poisoned'): void;
  lost(): void;
  claimed(): void;
  measured(lag: GroupLag): void;
}

export function streamConsumerMetrics(
  metrics: MetricsRegistry,
  { stream, group }: { readonly stream: string; readonly group: string },
): StreamConsumerMetrics {
  const labels = ['stream', 'group'] as const;
  const own = { stream, group };
  const handled = metrics.counter({
    name: 'autoweave_stream_handled_entries_total',
    help: 'Entries whose effect was made and acknowledged.',
    labels,
  });
  const retried = metrics.counter({
    name: 'autoweave_stream_failed_attempts_total',
    help: 'Attempts at an entry that failed and will be made again.',
    labels,
  });
  const deadLettered = metrics.counter({
    name: 'autoweave_stream_dead_lettered_entries_total',
    help: 'Entries given up: malformed at once, poisoned after the last attempt.',
    labels: [...labels, 'reason'],
  });
  const lost = metrics.counter({
    name: 'autoweave_stream_lost_entries_total',
    help: 'Entries that were trimmed from the stream before they were handled.',
    labels,
  });
  const claimed = metrics.counter({
    name: 'autoweave_stream_claimed_entries_total',
    help: 'Entries taken over from a consumer that went silent.',
    labels,
  });
  const lag = metrics.gauge({
    name: 'autoweave_stream_lag_entries',
    help: 'Entries that no consumer of the group was given yet.',
    labels,
  });
  const pending = metrics.gauge({
    name: 'autoweave_stream_pending_entries',
    help: 'Entries that were given to a consumer of the group and are not acknowledged.',
    labels,
  });
  return {
    handled: () => handled.increment(own),
    retried: () => retried.increment(own),
    deadLettered: (reason) => deadLettered.increment({ ...own, reason }),
    lost: () => lost.increment(own),
    claimed: () => claimed.increment(own),
    measured: (measured) => {
      if (measured.lag === undefined) lag.remove(own);
      else lag.set(measured.lag, own);
      pending.set(measured.pending, own);
    },
  };
}
