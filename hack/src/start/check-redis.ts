import { AutoWeaveError, errorCode, errorMessage } from '@autoweave/platform/errors';
import { checkRedisSettings, checkRedisVersion, closeRedis, createRedis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';

/**
 * Looks at a Redis of the user's before anything is started. Returns what about it can lose events, in words.
 *
 * @throws AutoWeaveError AW_REDIS_UNREACHABLE, AW_REDIS_TOO_OLD, AW_CONFIG_INVALID
 */
export async function checkRedis(url: string): Promise<readonly string[]> {
  const redis = createRedis({ url, name: 'npm-start-check', logger: createLogger({ name: 'start', level: 'silent' }) });
  // A command fails with "max retries"; why it had to be tried again is told by the connection.
  let refusal: Error | undefined;
  redis.on('error', (error) => (refusal = error));
  try {
    await checkRedisVersion(redis);
    return await checkRedisSettings(redis);
  } catch (error) {
    if (errorCode(error) !== undefined) throw error;
    throw new AutoWeaveError('AW_REDIS_UNREACHABLE', `REDIS_URL cannot be used: ${errorMessage(refusal ?? error)}`, {
      cause: error,
    });
  } finally {
    await closeRedis(redis);
  }
}
