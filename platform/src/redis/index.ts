export type { Redis } from 'ioredis';
export { closeRedis } from './close-redis.ts';
export { createRedis, redisReadiness, type CreateRedisOptions } from './create-redis.ts';
export { callFunction, loadFunctionLibrary } from './function-library.ts';
export { checkRedisSettings, checkRedisVersion } from './redis-server.ts';
export { parseRedisUrl, redisUrlOf, type RedisAddress } from './redis-url.ts';
export type { StreamEntry } from './stream-group.ts';
export { StreamGroupConsumer, type StreamGroupConsumerOptions } from './stream-group-consumer.ts';
