import { Redis } from 'ioredis';
import { backoffMilliseconds, type BackoffBounds } from '../backoff.ts';
import type { ReadinessCheck } from '../http/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { coalesceWrites } from './coalesce-writes.ts';
import { parseRedisUrl } from './redis-url.ts';

export interface CreateRedisOptions {
  /** See `parseRedisUrl`. */
  readonly url: string;
  /** Of the connection, as CLIENT LIST shows it. Without spaces. */
  readonly name: string;
  readonly logger: Logger;
  /**
   * For a connection that blocks (XREADGROUP BLOCK, a BullMQ worker): its commands wait for Redis for ever. Otherwise
   * a command fails when Redis did not come back after a few attempts, so that the caller can say so.
   */
  readonly blocking?: boolean;
}

const reconnect: BackoffBounds = { firstMilliseconds: 100, longestMilliseconds: 2_000 };
/** Longer than any BLOCK we use, and than BullMQ's 10 s: a peer that vanished without a word is noticed. */
const blockingSilenceMilliseconds = 20_000;
const commandMilliseconds = 10_000;

/**
 * A connection that reconnects for ever, and logs once per outage.
 *
 * @throws AutoWeaveError AW_CONFIG_INVALID for a wrong URL
 */
export function createRedis({ url, name, logger, blocking = false }: CreateRedisOptions): Redis {
  const redis = new Redis({
    ...parseRedisUrl(url),
    connectionName: name,
    protocol: 3,
    // The shapes our parsers read, whatever the library's default becomes.
    replyMapping: 'legacy',
    retryStrategy: (attempt) => backoffMilliseconds(attempt, reconnect),
    // A primary that became a replica keeps its connections; its refusals mean: connect again, and send again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    connectTimeout: 5_000,
    ...(blocking
      ? { maxRetriesPerRequest: null, socketTimeout: blockingSilenceMilliseconds }
      : { maxRetriesPerRequest: 3, commandTimeout: commandMilliseconds }),
  });
  coalesceWrites(redis);
  refuseOtherDatabase(redis, logger);
  logOutages(redis, logger.child({ connection: name }));
  return redis;
}

/** For `/readyz`. */
export function redisReadiness(redis: Redis, name = 'redis'): ReadinessCheck {
  return {
    name,
    check: () => (redis.status === 'ready' ? undefined : `the connection to Redis is ${redis.status}`),
  };
}

/** ioredis would go on with database 0 when the server does not have the named one. */
function refuseOtherDatabase(redis: Redis, logger: Logger): void {
  redis.on('error', (err) => {
    if (!/^ERR (?:invalid )?DB index/.test(err.message)) return;
    logger.error({ err, code: 'AW_CONFIG_INVALID' }, 'Closed a connection because Redis lacks the named database');
    redis.disconnect();
  });
}

function logOutages(redis: Redis, logger: Logger): void {
  let lostAt: number | undefined;
  let wanted = true;
  const lost = (err?: Error): void => {
    if (lostAt !== undefined || !wanted) return;
    lostAt = Date.now();
    logger.warn({ err, code: 'AW_REDIS_UNREACHABLE' }, 'Lost the connection to Redis');
  };
  redis.on('error', lost);
  redis.on('close', () => {
    // Closed by us: the status is ahead of the event.
    if (redis.status !== 'end') lost();
  });
  redis.on('end', () => {
    wanted = false;
  });
  redis.on('ready', () => {
    if (lostAt !== undefined) logger.info({ outageMilliseconds: Date.now() - lostAt }, 'Reached Redis again');
    lostAt = undefined;
  });
}
