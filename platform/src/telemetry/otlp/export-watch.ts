import type { Counter } from '../metric.ts';
import type { MetricsRegistry } from '../metrics-registry.ts';
import type { Logger } from '../logger.ts';

type Signal = 'traces' | 'metrics';

/** What every exporter of OpenTelemetry has, whatever it exports. */
interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void;
}

interface ExportResult {
  /** 0: the collector took it. */
  readonly code: number;
  readonly error?: Error;
}

/** Counts batches that the collector did not take, and logs when that begins and when it ends. */
export class ExportWatch {
  readonly #logger: Logger;
  readonly #failed: Counter<'signal'>;
  readonly #failing = new Set<Signal>();

  constructor({ logger, metrics }: { readonly logger: Logger; readonly metrics: MetricsRegistry }) {
    this.#logger = logger;
    this.#failed = metrics.counter({
      name: 'autoweave_telemetry_failed_exports_total',
      help: 'Batches that the OTLP collector did not take; they are dropped.',
      labels: { signal: ['traces', 'metrics'] },
    });
  }

  /** @returns the exporter itself, watched. */
  over<Batch, Watched extends Exporter<Batch>>(signal: Signal, exporter: Watched & Exporter<Batch>): Watched {
    const send = exporter.export.bind(exporter);
    exporter.export = (batch, done) =>
      send(batch, (result) => {
        this.#settled(signal, result);
        done(result);
      });
    return exporter;
  }

  #settled(signal: Signal, { code, error }: ExportResult): void {
    if (code === 0) {
      if (this.#failing.delete(signal)) this.#logger.info({ signal }, 'Exported telemetry again');
      return;
    }
    this.#failed.increment({ signal });
    const level = this.#failing.has(signal) ? 'debug' : 'warn';
    this.#failing.add(signal);
    this.#logger[level]({ err: error, signal }, 'Failed to export telemetry');
  }
}
