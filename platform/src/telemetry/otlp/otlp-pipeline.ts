import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { TelemetryConfig, TelemetryExportOptions } from '../telemetry-export.ts';
import type { Span } from '../span-recorder.ts';
import type { TraceContext } from '../traceparent.ts';
import { ExportWatch } from './export-watch.ts';
import { RegistryMetricProducer } from './registry-metric-producer.ts';
import { readableSpan } from './readable-span.ts';
import { serviceResource } from './service-resource.ts';

export interface OtlpPipelineOptions
  extends
    Pick<TelemetryExportOptions, 'service' | 'node' | 'metrics' | 'logger'>,
    Pick<TelemetryConfig, 'traceBatchMilliseconds' | 'metricIntervalMilliseconds'> {
  readonly endpoint: string;
}

/** Of one batch with all its retries. A process that ends may have to wait so long, and has 4.5 s. */
const exportMilliseconds = 3_000;
/** About 2 MB; what comes while so many wait is dropped. */
const maximumWaitingSpans = 2_048;

/**
 * Everything of OpenTelemetry: to be loaded only when a collector is configured. Headers, certificates and compression are
 * the exporters' own, by the standard variables (OTEL_EXPORTER_OTLP_HEADERS, …).
 */
export class OtlpPipeline {
  readonly #resource;
  readonly #spans: BatchSpanProcessor;
  readonly #metrics: MeterProvider;

  constructor(options: OtlpPipelineOptions) {
    const { endpoint, metrics, traceBatchMilliseconds, metricIntervalMilliseconds } = options;
    const base = endpoint.replace(/\/$/, '');
    const watch = new ExportWatch(options);
    const request = { timeoutMillis: exportMilliseconds };
    this.#resource = serviceResource(options);
    this.#spans = new BatchSpanProcessor({
      exporter: watch.over('traces', new OTLPTraceExporter({ url: `${base}/v1/traces`, ...request })),
      maxQueueSize: maximumWaitingSpans,
      scheduledDelayMillis: traceBatchMilliseconds,
      exportTimeoutMillis: 2 * exportMilliseconds,
    });
    const reader = new PeriodicExportingMetricReader({
      exporter: watch.over('metrics', new OTLPMetricExporter({ url: `${base}/v1/metrics`, ...request })),
      metricProducers: [new RegistryMetricProducer(metrics, this.#resource)],
      exportIntervalMillis: metricIntervalMilliseconds,
      exportTimeoutMillis: Math.min(metricIntervalMilliseconds, 2 * exportMilliseconds),
    });
    this.#metrics = new MeterProvider({ resource: this.#resource, readers: [reader] });
  }

  record(span: Span, context: TraceContext): void {
    this.#spans.onEnd(readableSpan(span, context, this.#resource));
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    // What fails here has been logged by the watch.
    await Promise.allSettled([this.#spans.shutdown(), this.#metrics.shutdown()]);
  }
}
