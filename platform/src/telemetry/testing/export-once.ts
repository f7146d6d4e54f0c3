import { registerHooks } from 'node:module';
import { createLogger, MetricsRegistry, newTraceparent, TelemetryExport } from '../index.ts';

/** Sends one span to the collector of the first parameter, and tells what was loaded for it, and when it began to stop. */
const loaded: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/')) loaded.push(specifier);
    return next(specifier, context);
  },
});
const [, , endpoint = ''] = process.argv;
const telemetry = new TelemetryExport({
  config: {
    otlpEndpoint: endpoint === '' ? undefined : endpoint,
    traceBatchMilliseconds: 1_000,
    metricIntervalMilliseconds: 60_000,
  },
  service: 'once',
  metrics: new MetricsRegistry(),
  logger: createLogger({ name: 'once', level: 'silent' }),
});
await telemetry.start();
const now = Date.now();
telemetry.record(() => [
  { name: 'once', kind: 'Internal', traceparent: newTraceparent(), startedAt: now, endedAt: now },
]);
process.stdout.write(JSON.stringify({ loaded, stoppedAt: now }));
await telemetry.stop();
