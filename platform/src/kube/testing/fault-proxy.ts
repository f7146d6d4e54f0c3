import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterAccess } from '../cluster-access.ts';

/** What the proxy does instead of passing a request on. */
export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  | { readonly kind: 'reset' }
  /** Takes the request and never says a word. */
  | { readonly kind: 'silence' }
  /** Passes it on, but later. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

export interface ProxiedRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
  readonly headers: IncomingMessage['headers'];
}

/**
 * A reverse proxy in front of a real API server that breaks what a test tells it to break. It speaks plain HTTP to
 * the client and terminates the TLS of the server; the client's token is passed on.
 */
export class FaultProxy {
  readonly #upstream: ClusterAccess;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<{ upstream: IncomingMessage; client: ServerResponse }>();
  /** Everything that was asked, in order. */
  readonly requests: ProxiedRequest[] = [];
  /** Decides what happens to a request; undefined: it is passed on. */
  fault: (request: ProxiedRequest) => Fault | undefined = () => undefined;

  constructor(upstream: ClusterAccess) {
    this.#upstream = upstream;
    this.#agent = new Agent({ ...upstream.tls, keepAlive: true });
    this.#server = createServer((incoming, outgoing) => {
      this.#handle(incoming, outgoing).catch(() => outgoing.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<ClusterAccess> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    const { port } = this.#server.address() as AddressInfo;
    const server = new URL(`http://127.0.0.1:${port}`);
    return { ...this.#upstream, server, tls: { rejectUnauthorized: true } };
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    for (const { upstream } of this.#watches) upstream.destroy();
    this.#agent.destroy();
    await promise;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  get watchRequests(): readonly ProxiedRequest[] {
    return this.requests.filter((request) => request.isWatch);
  }

  /** Lists of collections: neither single objects nor watches. */
  get listRequests(): readonly ProxiedRequest[] {
    return this.requests.filter((request) => request.method === 'GET' && !request.isWatch);
  }

  /** TCP resets on every connection of the client. */
  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Ends every watch properly, as the server does when its time is up. */
  endWatches(): void {
    for (const { upstream, client } of this.#watches) {
      upstream.unpipe(client);
      upstream.destroy();
      client.end();
    }
  }

  /** Open watches stay open, and nothing comes through them any more. */
  blackHoleWatches(): void {
    for (const { upstream, client } of this.#watches) {
      upstream.unpipe(client);
      upstream.destroy();
    }
  }

  /** Writes into every open watch, as if the server had. */
  inject(line: string): void {
    for (const { client } of this.#watches) client.write(`${line}\n`);
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://proxy');
    const request: ProxiedRequest = {
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      isWatch: url.searchParams.get('watch') === 'true',
      headers: incoming.headers,
    };
    this.requests.push(request);
    const fault = this.fault(request);
    switch (fault?.kind) {
      case 'answer':
        outgoing.writeHead(fault.status, fault.headers).end(fault.body ?? '');
        return;
      case 'reset':
        incoming.socket.resetAndDestroy();
        return;
      case 'silence':
        return;
      case 'delay':
        await delay(fault.milliseconds);
        break;
      case undefined:
        break;
    }
    this.#passOn({ incoming, outgoing, isWatch: request.isWatch });
  }

  #passOn(exchange: { incoming: IncomingMessage; outgoing: ServerResponse; isWatch: boolean }): void {
    const { incoming, outgoing, isWatch } = exchange;
    const { server } = this.#upstream;
    const start = server.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = { ...incoming.headers, host: server.host };
    const upstream = start(new URL(incoming.url ?? '/', server), {
      method: incoming.method ?? 'GET',
      headers,
      ...(server.protocol === 'https:' ? { agent: this.#agent } : {}),
    });
    upstream.once('error', () => outgoing.destroy());
    outgoing.once('close', () => upstream.destroy());
    upstream.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.once('error', () => undefined);
      if (isWatch) {
        const watch = { upstream: answer, client: outgoing };
        this.#watches.add(watch);
        outgoing.once('close', () => this.#watches.delete(watch));
      }
      answer.pipe(outgoing);
    });
    incoming.pipe(upstream);
  }
}
