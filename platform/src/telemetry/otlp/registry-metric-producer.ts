import { ValueType } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type DataPoint,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { Histogram, type Distribution } from '../histogram.ts';
import type { Metric } from '../metric.ts';
import type { MetricsRegistry } from '../metrics-registry.ts';
import { highResolutionTime, instrumentationScope } from './readable-span.ts';

/** The registry behind /metrics, as OpenTelemetry reads it: the same names, labels and buckets. */
export class RegistryMetricProducer implements MetricProducer {
  readonly #registry: MetricsRegistry;
  readonly #resource: Resource;
  readonly #startTime = highResolutionTime(Date.now() - process.uptime() * 1000);

  constructor(registry: MetricsRegistry, resource: Resource) {
    this.#registry = registry;
    this.#resource = resource;
  }

  collect(): Promise<CollectionResult> {
    const metrics = [...this.#registry.read()].map((metric) => this.#data(metric));
    const scopeMetrics = [{ scope: instrumentationScope, metrics }];
    return Promise.resolve({ resourceMetrics: { resource: this.#resource, scopeMetrics }, errors: [] });
  }

  #data(metric: Metric): MetricData {
    const common = { descriptor: descriptorOf(metric), aggregationTemporality: AggregationTemporality.CUMULATIVE };
    const times = { startTime: this.#startTime, endTime: highResolutionTime(Date.now()) };
    if (metric instanceof Histogram) {
      const { bounds } = metric;
      const dataPoints = [...metric.distributions()].map(({ labels, value }) => ({
        ...times,
        attributes: { ...labels },
        value: histogramValue(bounds, value),
      }));
      return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
    }
    const dataPoints: DataPoint<number>[] = [...metric.samples()].map(({ labels, value }) => ({
      ...times,
      attributes: { ...labels },
      value,
    }));
    if (metric.type === 'gauge') return { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
    return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  }
}

/** The unit stays in the name, as in Prometheus, so that both ways give one name. */
function descriptorOf({ name, help }: Metric): MetricData['descriptor'] {
  return { name, description: help, unit: '', valueType: ValueType.DOUBLE };
}

function histogramValue(bounds: readonly number[], { counts, sum }: Distribution) {
  const count = counts.reduce((total, observations) => total + observations, 0);
  return { buckets: { boundaries: [...bounds], counts: [...counts] }, count, sum };
}
