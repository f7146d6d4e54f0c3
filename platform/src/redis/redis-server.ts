import type { Redis } from 'ioredis';
import { AutoWeaveError } from '../errors/index.ts';

const oldest = { redis: [7, 0], valkey: [7, 2] } as const;

/** @throws AutoWeaveError AW_REDIS_TOO_OLD for a Redis before 7.0 and a Valkey before 7.2. */
export async function checkRedisVersion(redis: Redis): Promise<void> {
  const info = parseInfo(await redis.info('server'));
  // Valkey gives the Redis version it is compatible with, too.
  const [product, version] = info.has('valkey_version')
    ? (['valkey', info.get('valkey_version')] as const)
    : (['redis', info.get('redis_version')] as const);
  if (version === undefined || isOlder(version, oldest[product])) {
    throw new AutoWeaveError('AW_REDIS_TOO_OLD', `the server is ${product} ${version ?? 'of an unknown version'}`);
  }
}

/**
 * What about the server can lose events or jobs, in words; empty when it is safe. Each is an AW_REDIS_UNSAFE. Asks
 * INFO, not CONFIG, which managed servers refuse.
 */
export async function checkRedisSettings(redis: Redis): Promise<string[]> {
  const info = parseInfo(`${await redis.info('memory')}\n${await redis.info('persistence')}`);
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  const reasons: string[] = [];
  if (policy !== 'noeviction') reasons.push(`maxmemory-policy is ${policy}, so Redis may evict events and jobs`);
  if (info.get('aof_enabled') !== '1') reasons.push('appendonly is no, so a crash of Redis loses events and jobs');
  return reasons;
}

/** Lines `name:value`; `#` starts a heading. */
function parseInfo(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(pairs.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [actualMajor = 0, actualMinor = 0] = version.split('.').map(Number);
  return actualMajor < major || (actualMajor === major && actualMinor < minor);
}
