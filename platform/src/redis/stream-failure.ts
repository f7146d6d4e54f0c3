import { errorCode } from '../errors/index.ts';

/**
 * What to do with an entry whose handler threw.
 * `malformed`: no attempt can succeed; dead letter at once.
 * `outage`: something the handler needs is away, which says nothing about the entry; wait, and try it again in place.
 * `retry`: later, behind the others.  `poisoned`: it had its attempts; dead letter.
 */
export type FailureVerdict = 'malformed' | 'outage' | 'retry' | 'poisoned';

export function judgeFailure(error: unknown, deliveries: number, maximumDeliveries: number): FailureVerdict {
  if (isMalformed(error)) return 'malformed';
  if (isOutage(error)) return 'outage';
  return deliveries >= maximumDeliveries ? 'poisoned' : 'retry';
}

function isMalformed(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'AW_EVENT_MALFORMED' || (code?.endsWith('_INVALID') ?? false);
}

const outageCodes = new Set([
  'AW_REDIS_UNREACHABLE',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
const outageNames = new Set(['MaxRetriesPerRequestError']);
/** Replies of a server that cannot serve now, and what ioredis says of a connection that cannot. */
const outageMessages =
  /^(?:LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|OOM|MISCONF|NOREPLICAS|BUSY) |^ERR max number of clients|^(?:Connection is closed\.|Command timed out)$/;
const outageStatuses = new Set([429, 502, 503, 504]);

/** Of Redis, of the API server, or of the way there. Looks into causes. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (outageNames.has(error.name) || outageMessages.test(error.message)) return true;
  if ('code' in error && outageCodes.has(String(error.code))) return true;
  if ('status' in error && outageStatuses.has(Number(error.status))) return true;
  return isOutage(error.cause);
}
