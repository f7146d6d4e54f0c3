import { MetricSeries, type Labels, type Series } from './metric-series.ts';
import type { LabelArguments, Metric, MetricOptions, Sample } from './metric.ts';

/** Seconds, from a fast Redis call to a slow hook; 10 ms and 100 ms are the bounds our goals are stated in. */
export const latencyBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

export interface HistogramOptions<Name extends string = never> extends MetricOptions<Name> {
  /** Upper bounds, ascending, in the unit of the name. Default: `latencyBuckets`. */
  readonly buckets?: readonly number[];
}

export interface Distribution {
  /** Observations per bucket, not cumulative; the last is everything above the highest bound. */
  readonly counts: number[];
  /** Of all observed values. */
  sum: number;
}

export class Histogram<Name extends string = never> implements Metric {
  readonly type = 'histogram';
  readonly name: string;
  readonly help: string;
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
  readonly #series: MetricSeries<Name, Distribution>;

  constructor({ name, help, labels, buckets = latencyBuckets }: HistogramOptions<Name>) {
    this.name = name;
    this.help = help;
    this.bounds = buckets.toSorted((a, b) => a - b);
    this.#series = new MetricSeries<Name, Distribution>(labels ?? [], () => ({
      counts: Array.from({ length: buckets.length + 1 }, () => 0),
      sum: 0,
    }));
  }

  get signature(): string {
    return `${this.#series.signature} ${this.bounds.join(' ')}`;
  }

  observe(value: number, ...[labels]: LabelArguments<Name>): void {
    const distribution = this.#series.at(labels ?? ({} as Labels<Name>)).value;
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    const index = bucket === -1 ? this.bounds.length : bucket;
    distribution.counts[index] = (distribution.counts[index] ?? 0) + 1;
    distribution.sum += value;
  }

  distributions(): Iterable<Series<Readonly<Distribution>>> {
    return this.#series.values();
  }

  *samples(): Iterable<Sample> {
    for (const { labels, value } of this.distributions()) yield* this.#distributionSamples(labels, value);
  }

  *#distributionSamples(labels: Readonly<Record<string, string>>, { counts, sum }: Distribution): Iterable<Sample> {
    let cumulative = 0;
    for (const [index, count] of counts.entries()) {
      cumulative += count;
      const bound = this.bounds[index];
      yield {
        suffix: '_bucket',
        labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) },
        value: cumulative,
      };
    }
    yield { suffix: '_sum', labels, value: sum };
    yield { suffix: '_count', labels, value: cumulative };
  }
}
