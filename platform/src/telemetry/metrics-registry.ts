import { Histogram, type HistogramOptions } from './histogram.ts';
import { Counter, Gauge, type Metric, type MetricOptions } from './metric.ts';
import { registerProcessMetrics } from './process-metrics.ts';
import { prometheusText } from './prometheus-text.ts';

const metricName = /^[a-z][a-z0-9_]*$/;
const labelName = /^[a-z][a-z0-9_]*$/;

/** The metrics of one process. Declaring a metric again in the same way gives the same metric. */
export class MetricsRegistry {
  readonly #metrics = new Map<string, Metric>();
  readonly #collectors: (() => void)[] = [];

  counter<const Name extends string = never>(options: MetricOptions<Name>): Counter<Name> {
    return this.#declare(options, new Counter(options));
  }

  gauge<const Name extends string = never>(options: MetricOptions<Name>): Gauge<Name> {
    return this.#declare(options, new Gauge(options));
  }

  histogram<const Name extends string = never>(options: HistogramOptions<Name>): Histogram<Name> {
    return this.#declare(options, new Histogram(options));
  }

  /** `collect` runs before each reading, to set what is cheaper to read than to follow. */
  onRender(collect: () => void): void {
    this.#collectors.push(collect);
  }

  /** Memory, CPU, event loop, open files, start time and version of this process. */
  collectProcessMetrics(): void {
    registerProcessMetrics(this);
  }

  /** Every metric as it stands now. */
  read(): Iterable<Metric> {
    for (const collect of this.#collectors) collect();
    return this.#metrics.values();
  }

  /** Prometheus text format 0.0.4. */
  render(): string {
    return prometheusText(this.read());
  }

  #declare<M extends Metric>({ name, labels }: MetricOptions<string>, metric: M): M {
    const names = Array.isArray(labels) ? labels : Object.keys(labels ?? {});
    if (!metricName.test(name) || !names.every((label) => labelName.test(label))) {
      throw new TypeError(`${name} or one of its labels (${names.join(', ')}) is not in lower_snake_case`);
    }
    const existing = this.#metrics.get(name);
    if (existing === undefined) {
      this.#metrics.set(name, metric);
      return metric;
    }
    if (existing.type !== metric.type || existing.signature !== metric.signature) {
      throw new TypeError(`metric ${name} is declared twice, and differently`);
    }
    return existing as M;
  }
}
