import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { AgentOptions, ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { errorMessage } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { startDeadline } from './deadline.ts';
import { KubeConnectionError, KubeError, kubeErrorFromResponse } from './kube-error.ts';
import { proxyAgent } from './proxy-agent.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface TransportRequest {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportOptions {
  readonly userAgent: string;
  /** Sockets for requests that end. Watches have sockets of their own, or they would starve the rest. */
  readonly maximumSockets: number;
}

/** Speaks HTTP to one API server: authentication, connections, time limits. Knows nothing of resources. */
export class HttpTransport {
  readonly #access: ClusterAccess;
  readonly #userAgent: string;
  readonly #requestAgent: HttpAgent;
  readonly #watchAgent: HttpAgent;

  constructor(access: ClusterAccess, options: TransportOptions) {
    this.#access = access;
    this.#userAgent = options.userAgent;
    const pool = {
      keepAlive: true,
      maxSockets: options.maximumSockets,
      maxFreeSockets: 4,
      scheduling: 'lifo',
    } as const;
    this.#requestAgent = agentFor(access, pool);
    this.#watchAgent = agentFor(access, { keepAlive: false });
  }

  /**
   * @returns the body of a 2xx answer.
   * @throws KubeError for any other answer, KubeConnectionError for none, and the reason of the signal.
   */
  async request(request: TransportRequest): Promise<string> {
    const deadline = startDeadline(request.timeoutMilliseconds, request.signal);
    try {
      return await readBody(await this.#authenticated(request, this.#requestAgent, deadline.signal));
    } catch (error) {
      throw translate(error, request, deadline.expired());
    } finally {
      deadline.clear();
    }
  }

  /** The answer as it arrives. The time limit is that of the headers; the caller must read to the end, or destroy. */
  async stream(request: TransportRequest): Promise<IncomingMessage> {
    const deadline = startDeadline(request.timeoutMilliseconds, request.signal);
    try {
      return await this.#authenticated(request, this.#watchAgent, deadline.signal);
    } catch (error) {
      throw translate(error, request, deadline.expired());
    } finally {
      deadline.clear();
    }
  }

  close(): void {
    this.#requestAgent.destroy();
    this.#watchAgent.destroy();
  }

  /** A token may have been rotated or revoked since it was read, so a 401 is answered with a fresh one, once. */
  async #authenticated(request: TransportRequest, agent: HttpAgent, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#send(request, agent, { signal, refreshToken: false });
    if (response.statusCode !== 401 || !this.#access.token) return accepted(response);
    response.resume();
    return accepted(await this.#send(request, agent, { signal, refreshToken: true }));
  }

  async #send(
    request: TransportRequest,
    agent: HttpAgent,
    { signal, refreshToken }: { signal: AbortSignal; refreshToken: boolean },
  ): Promise<IncomingMessage> {
    const token = await this.#access.token?.({ refresh: refreshToken });
    const { server } = this.#access;
    const url = new URL(server.pathname.replace(/\/+$/, '') + request.path + encodeQuery(request.query), server);
    const start = server.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = start(url, {
        method: request.method,
        agent,
        signal,
        headers: this.#headers(request, token),
      });
      outgoing.once('response', resolve);
      outgoing.once('error', (error) => reject(isStaleSocket(outgoing, error) ? new StaleSocketError(error) : error));
      outgoing.end(request.body);
    });
  }

  #headers(request: TransportRequest, token: string | undefined): Record<string, string | string[]> {
    const headers: Record<string, string | string[]> = { Accept: 'application/json', 'User-Agent': this.#userAgent };
    for (const [name, value] of Object.entries(this.#access.headers)) {
      headers[name] = typeof value === 'string' ? value : [...value];
    }
    if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
    if (request.body !== undefined) {
      headers['Content-Type'] = request.contentType ?? 'application/json';
      headers['Content-Length'] = String(Buffer.byteLength(request.body));
    }
    return headers;
  }
}

function agentFor({ server, tls, proxy }: ClusterAccess, pool: AgentOptions): HttpAgent {
  const secure = server.protocol === 'https:';
  if (proxy !== undefined) return proxyAgent(proxy, { ...pool, ...tls, secure });
  return secure ? new HttpsAgent({ ...pool, ...tls }) : new HttpAgent(pool);
}

/** The server closed a kept connection just when we used it again. */
export class StaleSocketError extends KubeConnectionError {
  constructor(cause: unknown) {
    super(errorMessage(cause), { cause });
  }
}

function isStaleSocket(outgoing: ClientRequest, error: Error): boolean {
  return outgoing.reusedSocket && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function encodeQuery(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

async function accepted(response: IncomingMessage): Promise<IncomingMessage> {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  const body = await readBody(response);
  throw kubeErrorFromResponse({ status, body, retryAfter: response.headers['retry-after'] });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function translate(error: unknown, request: TransportRequest, expired: boolean): unknown {
  if (error instanceof KubeError || error instanceof KubeConnectionError) return error;
  if (request.signal?.aborted) return request.signal.reason;
  const what = expired ? `no answer within ${request.timeoutMilliseconds} ms` : errorMessage(error);
  return new KubeConnectionError(`${request.method} ${request.path} failed: ${what}`, { cause: error });
}
