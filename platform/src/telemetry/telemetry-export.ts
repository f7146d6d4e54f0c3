import type { Logger } from './logger.ts';
import type { MetricsRegistry } from './metrics-registry.ts';
import type { OtlpPipeline } from './otlp/otlp-pipeline.ts';
import type { Span, SpanRecorder } from './span-recorder.ts';
import { parseTraceparent } from './traceparent.ts';

/** Values of `telemetrySettings`. */
export interface TelemetryConfig {
  /** Base URL of an OTLP/HTTP collector; nothing is exported without one. */
  readonly otlpEndpoint: string | undefined;
  readonly traceBatchMilliseconds: number;
  readonly metricIntervalMilliseconds: number;
}

export interface TelemetryExportOptions {
  readonly config: TelemetryConfig;
  /** `service.name` of OpenTelemetry. */
  readonly service: string;
  /** The node this process works on. */
  readonly node?: string;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
}

/** An end that a collector does not answer must not hold up. */
const stopMilliseconds = 1_000;

/**
 * Sends spans and metrics to an OTLP collector, when one is configured. OpenTelemetry is loaded only then: without it the
 * agent saves a quarter of its memory.
 */
export class TelemetryExport implements SpanRecorder {
  readonly #options: TelemetryExportOptions;
  #pipeline: OtlpPipeline | undefined;

  constructor(options: TelemetryExportOptions) {
    this.#options = options;
  }

  /** What is recorded before it has resolved is not exported. It does not wait for the collector. */
  async start(): Promise<void> {
    const { otlpEndpoint: endpoint, ...intervals } = this.#options.config;
    if (endpoint === undefined) return;
    const { OtlpPipeline } = await import('./otlp/otlp-pipeline.ts');
    this.#pipeline = new OtlpPipeline({ ...this.#options, endpoint, ...intervals });
    this.#options.logger.info({ endpoint }, 'Started to export telemetry');
  }

  record(tell: () => readonly Span[]): void {
    const pipeline = this.#pipeline;
    if (pipeline === undefined) return;
    for (const span of tell()) {
      const context = parseTraceparent(span.traceparent);
      if (context?.isSampled === true) pipeline.record(span, context);
    }
  }

  /** Sends what is left, if the collector takes it within a second. Idempotent. */
  async stop(): Promise<void> {
    const pipeline = this.#pipeline;
    this.#pipeline = undefined;
    if (pipeline === undefined) return;
    const late = new Promise<void>((resolve) => setTimeout(resolve, stopMilliseconds).unref());
    await Promise.race([pipeline.stop(), late]);
  }
}
