import { withoutCredentials } from './redaction.ts';

const deepestCause = 5;

/**
 * What a log line says of an error. Only named fields: libraries hang whole commands, with their arguments, on
 * their errors (ioredis `ReplyError.command` holds the password of AUTH).
 */
export function serializeError(error: unknown): unknown {
  return serialize(error, 0);
}

function serialize(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutCredentials(error) : error;
  return {
    type: error.name,
    message: withoutCredentials(error.message),
    ...('code' in error ? { code: error.code } : {}),
    ...(depth === 0 && error.stack !== undefined ? { stack: withoutCredentials(error.stack) } : {}),
    ...(error instanceof AggregateError && depth < deepestCause
      ? { errors: error.errors.map((part) => serialize(part, depth + 1)) }
      : {}),
    ...(error.cause !== undefined && depth < deepestCause ? { cause: serialize(error.cause, depth + 1) } : {}),
  };
}
