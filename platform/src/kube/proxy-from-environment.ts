import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for a server, as kubectl reads them: this machine is never
 * reached through a proxy.
 */
export function proxyFromEnvironment(server: URL, env: Environment): string | undefined {
  const secure = server.protocol === 'https:';
  const proxy = variable(env, secure ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const host = server.hostname.replace(/^\[(.*)\]$/, '$1');
  if (proxy === undefined || isThisMachine(host)) return undefined;
  const port = server.port || (secure ? '443' : '80');
  const exceptions = (variable(env, 'NO_PROXY') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  if (exceptions.some((entry) => covers(entry, host, port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function variable(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `*`, an address, a range of addresses, or a domain with everything below it; address and domain perhaps with a port. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  return isIP(host) === 0 ? coversDomain(entry, host, port) : coversAddress(entry, host, port);
}

function coversAddress(entry: string, host: string, port: string): boolean {
  return entry === host || entry === `${host}:${port}` || isInRange(entry, host);
}

function coversDomain(entry: string, host: string, port: string): boolean {
  const [, domain = '', wantedPort = port] = /^\*?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (domain === '' || wantedPort !== port) return false;
  return host === domain || host.endsWith(domain.startsWith('.') ? domain : `.${domain}`);
}

function isInRange(entry: string, host: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(network);
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.POSITIVE_INFINITY;
  if (family === 0 || family !== isIP(host) || prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(network, prefix, type);
  return range.check(host, type);
}
