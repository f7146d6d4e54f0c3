import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import type { FunctionLibrary } from '@autoweave/crds';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../telemetry/index.ts';
import { callFunction, closeRedis, createRedis, loadFunctionLibrary, type Redis } from './index.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedisServer();
  redis = createRedis({ url: server.url, name: 'library-test', logger });
});

beforeEach(async () => {
  await redis.function('FLUSH');
});

afterAll(async () => {
  await closeRedis(redis);
  await server.stop();
});

function libraryOf(version: number): FunctionLibrary {
  const code = [
    '#!lua name=testlibrary',
    `redis.register_function { function_name = 'test_version', callback = function() return ${version} end, flags = { 'no-writes' } }`,
    `redis.register_function('test_greet', function(keys, args) return args[1] .. ' from ${version}' end)`,
  ].join('\n');
  return { name: 'testlibrary', version, versionFunction: 'test_version', code };
}

function greet(version: number): Promise<unknown> {
  return callFunction(redis, libraryOf(version), { function: 'test_greet', keys: [], arguments: ['hello'] });
}

describe('a function library', () => {
  it('is loaded when the server has none', async () => {
    await loadFunctionLibrary(redis, libraryOf(1));
    expect(await greet(1)).toBe('hello from 1');
  });

  it('replaces an older version, never a newer one', async () => {
    await loadFunctionLibrary(redis, libraryOf(2));
    await loadFunctionLibrary(redis, libraryOf(1));
    expect(await greet(1)).toBe('hello from 2');
    await loadFunctionLibrary(redis, libraryOf(3));
    expect(await greet(1)).toBe('hello from 3');
  });

  it('is loaded by many processes at once', async () => {
    const connections = Array.from({ length: 8 }, () => createRedis({ url: server.url, name: 'loader', logger }));
    await Promise.all(connections.map((connection) => loadFunctionLibrary(connection, libraryOf(1))));
    await Promise.all(connections.map(closeRedis));
    expect(await greet(1)).toBe('hello from 1');
  });

  it('is brought back by the next call when the server lost it', async () => {
    expect(await greet(1)).toBe('hello from 1');
    await redis.function('FLUSH');
    expect(await greet(1)).toBe('hello from 1');
  });

  it('passes on what a function complains of', async () => {
    const call = { function: 'test_greet', keys: [], arguments: [] };
    await expect(callFunction(redis, libraryOf(1), call)).rejects.toThrow('nil value');
  });
});
