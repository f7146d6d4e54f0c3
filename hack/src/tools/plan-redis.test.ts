import { describe, expect, it } from 'vitest';
import { planRedis } from './plan-redis.ts';

describe('getting Redis', () => {
  it('uses the first server that knows functions', () => {
    const found = [
      { path: '/usr/bin/redis-server', version: [6, 0, 16] as const },
      { path: '/usr/bin/valkey-server', version: [8, 1, 0] as const },
    ];
    expect(planRedis(found)).toEqual({ kind: 'use', path: '/usr/bin/valkey-server' });
  });

  it('installs one else, and tells why none that is there would do', () => {
    expect(planRedis([])).toEqual({ kind: 'install', rejected: [] });
    expect(planRedis([{ path: '/usr/bin/redis-server', version: [6, 0, 16] }])).toEqual({
      kind: 'install',
      rejected: ['/usr/bin/redis-server is 6.0.16, 7.0.0 is needed'],
    });
  });
});
