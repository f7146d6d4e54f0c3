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
 * Behind sentinels: `redis+sentinel://[user:password@]sentinel[:port]/primary-name[/db][?sentinel=other[:port]&…]`,
 * `rediss+sentinel://` for TLS to both; `sentinelUsername` and `sentinelPassword` for sentinels that ask for them.
 *
 * @throws AutoWeaveError AW_CONFIG_INVALID; the message holds no password.
 */
export function parseRedisUrl(text: string): RedisOptions {
  const url = URL.parse(text);
  if (url === null) throw invalid('it is not a URL');
  return { ...addressOf(url), ...credentialsOf(url) };
}

function credentialsOf({ username, password }: URL): RedisOptions {
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}

function addressOf(url: URL): RedisOptions {
  switch (url.protocol) {
    case 'redis:':
      return tcpAddress(url);
    case 'rediss:':
      return { ...tcpAddress(url), tls: { servername: hostOf(url) } };
    case 'redis+sentinel:':
      return sentinelAddress(url);
    case 'rediss+sentinel:':
      return { ...sentinelAddress(url), tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true };
    case 'unix:':
      return socketAddress(url);
    default:
      throw invalid(`${url.protocol} is none of redis:, rediss:, redis+sentinel:, rediss+sentinel:, unix:`);
  }
}

function socketAddress({ hostname, pathname, searchParams }: URL): RedisOptions {
  if (!['', 'localhost'].includes(hostname)) throw invalid('a socket is on no other host than localhost');
  if (['', '/'].includes(pathname)) throw invalid('it names no socket');
  return { path: decodeURIComponent(pathname), db: database(searchParams.get('db') ?? '') };
}

function tcpAddress(url: URL): RedisOptions {
  if (url.hostname === '') throw invalid('it names no host');
  return { host: hostOf(url), port: Number(url.port || 6379), db: database(url.pathname.slice(1)) };
}

function sentinelAddress(url: URL): RedisOptions {
  const [, primary = '', db = '', ...rest] = url.pathname.split('/');
  if (primary === '' || rest.length > 0) throw invalid('a path after sentinels is /primary-name or /primary-name/db');
  const others = url.searchParams.getAll('sentinel').map((address) => URL.parse(`redis://${address}`));
  const sentinels = [url, ...others].map((sentinel) => {
    if (sentinel === null || sentinel.hostname === '') throw invalid('it names a sentinel that is no host:port');
    return { host: hostOf(sentinel), port: Number(sentinel.port || 26_379) };
  });
  const sentinelUsername = url.searchParams.get('sentinelUsername');
  const sentinelPassword = url.searchParams.get('sentinelPassword');
  return {
    sentinels,
    name: decodeURIComponent(primary),
    db: database(db),
    ...(sentinelUsername === null ? {} : { sentinelUsername }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
  };
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
