import type { FunctionCall, FunctionLibrary } from '@autoweave/crds';
import type { Redis } from 'ioredis';
import { AutoWeaveError, errorMessage } from '../errors/index.ts';
import { checkRedisVersion } from './redis-server.ts';

/**
 * Brings the library to the server unless it has this version or a newer one. Safe when many processes do it at
 * once: loading the same code again changes nothing, and an older process never replaces a newer library.
 *
 * @throws AutoWeaveError AW_REDIS_TOO_OLD
 */
export async function loadFunctionLibrary(redis: Redis, library: FunctionLibrary): Promise<void> {
  await checkRedisVersion(redis);
  if ((await loadedVersion(redis, library)) >= library.version) return;
  await redis.function('LOAD', 'REPLACE', library.code);
}

/** Calls a function; loads its library first when the server lost it (an empty Redis came back). */
export async function callFunction(redis: Redis, library: FunctionLibrary, call: FunctionCall): Promise<unknown> {
  try {
    return await fcall(redis, call);
  } catch (error) {
    if (!isFunctionMissing(error)) throw error;
    await loadFunctionLibrary(redis, library);
    return fcall(redis, call);
  }
}

function fcall(redis: Redis, { function: name, keys, arguments: values }: FunctionCall): Promise<unknown> {
  return redis.fcall(name, keys.length, ...keys, ...values);
}

/** 0 when the server has no version of it. */
async function loadedVersion(redis: Redis, { versionFunction, name }: FunctionLibrary): Promise<number> {
  try {
    const version = Number(await redis.fcall_ro(versionFunction, 0));
    if (Number.isInteger(version)) return version;
    throw new AutoWeaveError('AW_REDIS_TOO_OLD', `function ${versionFunction} of library ${name} gives no version`);
  } catch (error) {
    if (isFunctionMissing(error)) return 0;
    throw error;
  }
}

function isFunctionMissing(error: unknown): boolean {
  return errorMessage(error).startsWith('ERR Function not found');
}
