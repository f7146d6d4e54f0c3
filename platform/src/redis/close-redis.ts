import type { Redis } from 'ioredis';

/** Closes a connection, whether Redis answers or not; commands that wait are rejected. May be called again. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  const ended = new Promise<void>((resolve) => redis.once('end', () => resolve()));
  redis.disconnect();
  // ioredis 6.0.0 only cancels its timer between two attempts: no `end`, and commands wait for ever. An attempt that
  // is given up at once ends all of it. Until https://github.com/redis/ioredis/pull/2169 is released.
  if (redis.status === 'reconnecting') {
    redis.connect().catch(() => undefined);
    redis.disconnect();
  }
  await ended;
}
