import type { RedisOptions } from 'ioredis';
import { AutoWeaveError } from '../errors/index.ts';

/** The values of `redisSettings` (../config). */
export interface RedisAddress {
  readonly redisUrl?: string | undefined;
  readonly redisHost: string;
  readonly redisPort: number;
  readonly redisUsername?: string | undefined;
  readonly redisPassword?: string | undefined;
  readonly redisDb: number;
  readonly redisTls: boolean;
}

/** `redisUrl` as it is, else a URL made of the parts. */
export function redisUrlOf(address: RedisAddress): string {
  if (address.redisUrl !== undefined) return address.redisUrl;
  const { redisHost, redisPort, redisUsername = '', redisPassword, redisDb, redisTls } = address;
  const credentials =
    redisPassword === undefined ? '' : `${encodeURIComponent(redisUsername)}:${encodeURIComponent(redisPassword)}@`;
  const host = redisHost.includes(':') && !redisHost.startsWith('[') ? `[${redisHost}]` : redisHost;
  return `${redisTls ? 'rediss' : 'redis'}://${credentials}${host}:${redisPort}/${redisDb}`;
}

/**
 * `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS, `unix:///path.sock[?db=0]`,
 * with credentials `unix://user:password@localhost/path.sock`.
 *
 * @throws AutoWeaveError AW_CONFIG_INVALID; the message holds no password.
 */
export function parseRedisUrl(text: string): RedisOptions {
  const url = URL.parse(text);
  if (url === null) throw invalid('it is not a URL');
  const credentials = {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
  switch (url.protocol) {
    case 'redis:':
      return { ...tcpAddress(url), ...credentials };
    case 'rediss:':
      return { ...tcpAddress(url), ...credentials, tls: { servername: hostOf(url) } };
    case 'unix:':
      if (!['', 'localhost'].includes(url.hostname)) throw invalid('a socket is on no other host than localhost');
      if (['', '/'].includes(url.pathname)) throw invalid('it names no socket');
      return { path: decodeURIComponent(url.pathname), db: database(url.searchParams.get('db') ?? ''), ...credentials };
    default:
      throw invalid(`${url.protocol} is none of redis:, rediss:, unix:`);
  }
}

function tcpAddress(url: URL): RedisOptions {
  if (url.hostname === '') throw invalid('it names no host');
  return { host: hostOf(url), port: Number(url.port || 6379), db: database(url.pathname.slice(1)) };
}

/** Without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, '');
}

function database(text: string): number {
  if (!/^\d{0,4}$/.test(text)) throw invalid('the database is not a number');
  return Number(text);
}

function invalid(reason: string): AutoWeaveError {
  return new AutoWeaveError('AW_CONFIG_INVALID', `the Redis URL cannot be used: ${reason}`, { field: 'redisUrl' });
}
