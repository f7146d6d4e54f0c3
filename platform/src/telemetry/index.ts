export * from './histogram.ts';
export * from './logger.ts';
export type { Labels } from './metric-series.ts';
export { Counter, Gauge, type MetricOptions } from './metric.ts';
export * from './metrics-registry.ts';
export { prometheusContentType } from './prometheus-text.ts';
export { withoutCredentials } from './redaction.ts';
export * from './traceparent.ts';
export * from './version.ts';
