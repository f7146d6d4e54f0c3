import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv4 } from 'node:net';
import { AutoWeaveError, errorMessage } from '../errors/index.ts';
import { prometheusContentType, type Logger, type MetricsRegistry } from '../telemetry/index.ts';
import { healthReply, readinessReply, type Reply } from './probe-replies.ts';
import type { ReadinessCheck } from './readiness.ts';

/** Answers a GET on one path. A thrown error becomes a 500 without details. */
export type RouteHandler = (url: URL) => Reply | Promise<Reply>;

export interface ProbeServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly checks: readonly ReadinessCheck[];
  /** Whether a restart would not help. Never depends on anything outside the process. Default: always. */
  readonly live?: () => boolean;
  /** By path, e.g. `/devices`. */
  readonly routes?: Readonly<Record<string, RouteHandler>>;
  /** The same, answered to peers on this machine, or in this pod, only. */
  readonly localRoutes?: Readonly<Record<string, RouteHandler>>;
}

const limits = { headerBytes: 8 * 1024, connections: 64, requestMilliseconds: 5_000, closeMilliseconds: 1_000 };

/**
 * `/healthz` (alias `/health`): live. `/readyz`: every check, `?verbose` lists them, `&exclude=<name>` leaves one out.
 * `/metrics`: Prometheus text. Reads only: no method but GET and HEAD, no bodies.
 */
export class ProbeServer {
  readonly #options: ProbeServerOptions;
  readonly #routes: ReadonlyMap<string, RouteHandler>;
  readonly #localRoutes: ReadonlyMap<string, RouteHandler>;
  readonly #server: Server;

  constructor(options: ProbeServerOptions) {
    this.#options = options;
    const health: RouteHandler = () => healthReply(options.live?.() ?? true);
    this.#routes = new Map([
      ['/healthz', health],
      ['/health', health],
      ['/readyz', (url) => readinessReply(options.checks, url.searchParams)],
      ['/metrics', () => ({ status: 200, contentType: prometheusContentType, body: options.metrics.render() })],
      ...Object.entries(options.routes ?? {}),
    ]);
    this.#localRoutes = new Map(Object.entries(options.localRoutes ?? {}));
    this.#server = createServer(
      {
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.requestMilliseconds,
        requestTimeout: limits.requestMilliseconds,
        keepAliveTimeout: limits.requestMilliseconds,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = limits.connections;
  }

  /** @throws AutoWeaveError AW_CONFIG_INVALID when it cannot listen there. */
  async start(): Promise<{ readonly port: number }> {
    const { host, port, logger } = this.#options;
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    this.#server.listen({ host, port }, listening.resolve);
    try {
      await listening.promise;
    } catch (error) {
      const message = `the probe server cannot listen on ${host}:${port}: ${errorMessage(error)}`;
      throw new AutoWeaveError('AW_CONFIG_INVALID', message, { cause: error, field: 'probePort', value: port });
    }
    this.#server.off('error', listening.reject);
    this.#server.on('error', (error) => logger.error({ err: error }, 'Failed to accept a probe connection'));
    return { port: (this.#server.address() as AddressInfo).port };
  }

  /** Lets requests that run end for a second, then closes their connections. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const deadline = setTimeout(() => this.#server.closeAllConnections(), limits.closeMilliseconds);
    await closed;
    clearTimeout(deadline);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await this.#reply(request);
    response.writeHead(reply.status, {
      'content-type': reply.contentType,
      'content-length': Buffer.byteLength(reply.body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // A body was not read; its bytes would be taken for the next request.
      ...(hasBody(request) ? { connection: 'close' } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  }

  /** To others a local route does not exist. */
  #routeFor(path: string, { socket }: IncomingMessage): RouteHandler | undefined {
    const local = isLoopback(socket.remoteAddress ?? '') ? this.#localRoutes.get(path) : undefined;
    return local ?? this.#routes.get(path);
  }

  async #reply(request: IncomingMessage): Promise<Reply> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return textReply(405, 'only GET and HEAD are answered');
    if (hasBody(request)) return textReply(413, 'no body is accepted');
    const url = URL.parse(request.url ?? '/', 'http://probe');
    const route = url === null ? undefined : this.#routeFor(url.pathname, request);
    if (url === null || route === undefined) return textReply(404, `paths: ${[...this.#routes.keys()].join(' ')}`);
    try {
      return await route(url);
    } catch (error) {
      this.#options.logger.error({ err: error, path: url.pathname }, 'Failed to answer a request');
      return textReply(500, 'internal error');
    }
  }
}

/** Of 127.0.0.0/8, ::1, and the former as a mapped address. */
function isLoopback(address: string): boolean {
  return address === '::1' || isIPv4Loopback(address.replace(/^::ffff:/i, ''));
}

function isIPv4Loopback(address: string): boolean {
  return isIPv4(address) && address.startsWith('127.');
}

function textReply(status: number, text: string): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
