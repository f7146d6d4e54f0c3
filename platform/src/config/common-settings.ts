import { hostname } from 'node:os';
import { logLevels } from '../telemetry/index.ts';
import { choice, integer, optionalText, optionalUrl, port, share, text, toggle } from './schemas.ts';
import type { Settings } from './setting.ts';

/** Settings that several processes share; each takes the groups it needs with `...`. */
export const logSettings = {
  logLevel: {
    description: `How much is logged: ${logLevels.join(', ')}.`,
    schema: choice(logLevels),
    env: 'LOG_LEVEL',
    default: 'info',
  },
} as const satisfies Settings;

/** Values for TelemetryExport. The exporters read more of the standard's OTEL_EXPORTER_OTLP_… variables, e.g. _HEADERS. */
export const telemetrySettings = {
  otlpEndpoint: {
    description:
      'Base URL of an OTLP/HTTP collector, e.g. http://otel-collector:4318; nothing is exported without one.',
    schema: optionalUrl(['http:', 'https:']),
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  },
  traceShare: {
    description: 'Share of the traces begun here that are recorded, from 0 to 1.',
    schema: share(),
    env: 'OTEL_TRACES_SAMPLER_ARG',
    default: '1',
  },
  traceBatchMilliseconds: {
    description: 'Longest wait of a span for its batch.',
    schema: integer({ minimum: 10, maximum: 60_000 }),
    env: 'OTEL_BSP_SCHEDULE_DELAY',
    default: '5000',
  },
  metricIntervalMilliseconds: {
    description: 'Time between two exports of the metrics.',
    schema: integer({ minimum: 100, maximum: 3_600_000 }),
    env: 'OTEL_METRIC_EXPORT_INTERVAL',
    default: '60000',
  },
} as const satisfies Settings;

export const probeSettings = {
  probeHost: { description: 'Address that probes and metrics are served on.', schema: text(), default: '0.0.0.0' },
  probePort: { description: 'Port of probes and metrics; 0 takes a free one.', schema: port(), default: '8080' },
} as const satisfies Settings;

/** `redisUrl` says it all; without it the URL is made of the other five (see redisUrlOf in ../redis). */
export const redisSettings = {
  redisUrl: {
    description: 'redis://, rediss:// (TLS), redis+sentinel:// or unix:// URL; wins over the other Redis settings.',
    schema: optionalText(),
    env: 'REDIS_URL',
  },
  redisHost: { description: 'Host of Redis.', schema: text(), env: 'REDIS_HOST', default: 'localhost' },
  redisPort: {
    description: 'Port of Redis.',
    schema: integer({ minimum: 1, maximum: 65_535 }),
    env: 'REDIS_PORT',
    default: '6379',
  },
  redisUsername: { description: 'User of Redis (ACL).', schema: optionalText(), env: 'REDIS_USERNAME' },
  redisPassword: { description: 'Password of Redis.', schema: optionalText(), env: 'REDIS_PASSWORD', secret: true },
  redisDb: {
    description: 'Database number of Redis.',
    schema: integer({ minimum: 0, maximum: 1023 }),
    env: 'REDIS_DB',
    default: '0',
  },
  redisTls: {
    description: 'Speak TLS to Redis; a private CA goes into NODE_EXTRA_CA_CERTS.',
    schema: toggle(),
    env: 'REDIS_TLS',
    default: 'false',
    switch: true,
  },
} as const satisfies Settings;

export const kubeSettings = {
  kubeconfig: {
    description: 'Path of the kubeconfig; in a cluster the service account is used without one.',
    schema: optionalText(),
    env: 'KUBECONFIG',
  },
} as const satisfies Settings;

export const nodeSettings = {
  nodeName: {
    description: 'Name of the Kubernetes node this runs on.',
    schema: text(),
    env: 'NODE_NAME',
    default: hostname().toLowerCase(),
  },
} as const satisfies Settings;
