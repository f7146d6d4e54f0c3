import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { serializeError } from './error-serializer.ts';
import { censor, redactedPaths } from './redaction.ts';

export type { Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** Of the process, e.g. `autoweave-operator`. */
  readonly name: string;
  readonly level: LogLevel;
  /** Default: standard output, written at once, so that a crash loses no line. */
  readonly destination?: DestinationStream;
}

/** JSON lines: level as a word, ISO time, errors under `err` or `error`, secrets redacted. Use `logger.child(bindings)`. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    base: {},
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError, error: serializeError },
    redact: { paths: [...redactedPaths], censor },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
