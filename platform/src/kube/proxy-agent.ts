import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';

type Target = { readonly host?: string | null | undefined; readonly port?: string | number | null | undefined };
type Connected = (error: Error | null, socket: Duplex) => void;

/** Connects to the API server through a proxy: `http:` and `https:` (CONNECT), or `socks5:`. */
export function proxyAgent(proxy: URL, options: AgentOptions & { readonly secure: boolean }): HttpAgent {
  const { secure, ...rest } = options;
  return secure ? new SecureProxyAgent(proxy, rest) : new PlainProxyAgent(proxy, rest);
}

class SecureProxyAgent extends HttpsAgent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: ConnectionOptions, connected?: Connected): undefined {
    const secure = (socket: Duplex): void => {
      const secured = connectTls({ ...options, socket });
      secured.once('secureConnect', () => connected?.(null, secured));
      secured.once('error', (error) => connected?.(error, secured));
    };
    tunnel(this.#proxy, options).then(secure, (error: Error) => connected?.(error, undefined as never));
  }
}

class PlainProxyAgent extends HttpAgent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: Target, connected?: Connected): undefined {
    tunnel(this.#proxy, options).then(
      (socket) => connected?.(null, socket),
      (error: Error) => connected?.(error, undefined as never),
    );
  }
}

/** A connection to the target that the proxy made. */
async function tunnel(proxy: URL, { host, port }: Target): Promise<Duplex> {
  const target = { host: host ?? 'localhost', port: Number(port ?? 443) };
  return proxy.protocol.startsWith('socks') ? socksTunnel(proxy, target) : httpTunnel(proxy, target);
}

interface Address {
  readonly host: string;
  readonly port: number;
}

async function socksTunnel(proxy: URL, destination: Address): Promise<Duplex> {
  // Few users need it.
  const { SocksClient } = await import('socks');
  const { socket } = await SocksClient.createConnection({
    proxy: { host: bare(proxy.hostname), port: Number(proxy.port || 1080), type: 5, ...credentials(proxy) },
    command: 'connect',
    destination,
  });
  return socket;
}

function credentials({ username, password }: URL): { userId?: string; password?: string } {
  return username === '' ? {} : { userId: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function httpTunnel(proxy: URL, { host, port }: Address): Promise<Duplex> {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const start = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = start({
      host: bare(proxy.hostname),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { Host: authority, ...authorization(proxy) },
      agent: false,
    });
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answered ${response.statusCode ?? 0} to CONNECT ${authority}`));
    });
    request.once('error', (error) => {
      reject(new Error(`the proxy ${proxy.host} could not be used: ${error.message}`, { cause: error }));
    });
    request.end();
  });
}

function authorization(proxy: URL): Record<string, string> {
  const { userId, password } = credentials(proxy);
  if (userId === undefined) return {};
  return { 'Proxy-Authorization': `Basic ${Buffer.from(`${userId}:${password ?? ''}`).toString('base64')}` };
}

/** Without the brackets that an IPv6 address has in a URL. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
