import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRedisUrl, redisUrlOf, type RedisAddress } from './index.ts';

const address: RedisAddress = { redisHost: 'redis', redisPort: 6379, redisDb: 0, redisTls: false };

describe('a Redis URL', () => {
  it.each([
    ['redis://host', { host: 'host', port: 6379, db: 0 }],
    ['redis://:p%40ss@host:7000/3', { host: 'host', port: 7000, db: 3, password: 'p@ss' }],
    ['redis://user:pass@[::1]:7000', { host: '::1', port: 7000, db: 0, username: 'user', password: 'pass' }],
    ['rediss://host', { host: 'host', port: 6379, db: 0, tls: { servername: 'host' } }],
    ['unix:///run/redis%20a.sock?db=2', { path: '/run/redis a.sock', db: 2 }],
    ['unix://:pass@localhost/run/redis.sock', { path: '/run/redis.sock', db: 0, password: 'pass' }],
    [
      'redis+sentinel://user:pass@one:5000/main/2?sentinel=two&sentinel=[::1]:7000&sentinelPassword=s%26',
      {
        sentinels: [
          { host: 'one', port: 5000 },
          { host: 'two', port: 26_379 },
          { host: '::1', port: 7000 },
        ],
        name: 'main',
        db: 2,
        username: 'user',
        password: 'pass',
        sentinelPassword: 's&',
      },
    ],
    [
      'rediss+sentinel://one/main',
      {
        sentinels: [{ host: 'one', port: 26_379 }],
        name: 'main',
        db: 0,
        tls: {},
        sentinelTLS: {},
        enableTLSForSentinelMode: true,
      },
    ],
  ])('%s is understood', (url, options) => {
    expect(parseRedisUrl(url)).toEqual(options);
  });

  it.each([
    '',
    'host:6379',
    'http://host',
    'redis://',
    'redis://host/db',
    'unix://',
    'unix://run/redis.sock',
    'redis://h:99999',
    'redis+sentinel://one',
    'redis+sentinel://one/main/0/more',
    'redis+sentinel://one/main?sentinel=',
  ])('is not %j', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({ code: 'AW_CONFIG_INVALID', field: 'redisUrl' }));
  });

  it('does not show its password when it is wrong', () => {
    expect(() => parseRedisUrl('ftp://:hunter2@host')).toThrow(/^(?!.*hunter2)/);
  });

  it('is made of the single settings when it is not given', () => {
    expect(redisUrlOf(address)).toBe('redis://redis:6379/0');
    expect(redisUrlOf({ ...address, redisHost: '::1', redisTls: true })).toBe('rediss://[::1]:6379/0');
    expect(redisUrlOf({ ...address, redisUrl: 'unix:///redis.sock' })).toBe('unix:///redis.sock');
  });

  it('carries every user and password', () => {
    const word = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(word, word, (redisUsername, redisPassword) => {
        const parsed = parseRedisUrl(redisUrlOf({ ...address, redisUsername, redisPassword }));
        expect(parsed).toMatchObject({ username: redisUsername, password: redisPassword, host: 'redis' });
      }),
    );
  });
});
