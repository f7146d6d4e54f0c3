import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionEnd, type Executor, ExecutorConnection } from '../connection/executor-connection.ts';
import { reconnect } from '../connection/reconnect.ts';
import { RateLimiter } from '../isolate/rate-limiter.ts';
import { log } from '../log.ts';
import type { Probes } from '../probes.ts';
import { PluginConnection } from './plugin-connection.ts';
import { Relay } from './relay.ts';

export interface SidecarOptions {
  readonly executor: Executor;
  /** Where the plugin container dials. */
  readonly socketPath: string;
}

/** Kubernetes gives 30 s by default. */
const leaveMilliseconds = 25_000;
/** Each arrival of a plugin makes us dial the executor. */
const arrivalLimits = { perSecond: 2, burst: 20 };

/** A plugin container that is connected, and what belongs to it. */
interface Guest {
  readonly connection: PluginConnection;
  readonly relay: Relay;
  /** Aborted when it is gone. */
  readonly gone: AbortController;
}

/**
 * Stands in the pod of a plugin between its container, which has no credential and no network, and the executor of the
 * node. It is connected to the executor only while a plugin is connected to it; a plugin that goes takes the
 * connection with it, an executor that goes leaves the plugin as it is.
 */
export class Sidecar {
  readonly #options: SidecarOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #arrivals = new RateLimiter(arrivalLimits);
  #guest: Guest | undefined;
  #executor: ExecutorConnection | undefined;
  /** Why the last plugin was cut off; undefined once one came after it. */
  #cutOff: string | undefined;

  constructor(options: SidecarOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
    // The plugin, and those that are told that there is one already.
    this.#server.maxConnections = 4;
  }

  /** Of the sidecar (`/healthz`, `/readyz`), and of the plugin container (`/plugin`), which then is restarted. */
  get probes(): Probes {
    return {
      '/healthz': () => (this.#server.listening ? undefined : 'the socket for the plugin is not there'),
      '/readyz': () => {
        if (this.#guest === undefined) return 'no plugin is connected';
        return this.#executor?.isWelcome === true ? undefined : 'the executor of this node is not connected';
      },
      '/plugin': () => this.#cutOff,
    };
  }

  async start(): Promise<void> {
    const { socketPath } = this.#options;
    await mkdir(dirname(socketPath), { recursive: true });
    // Left by a sidecar that was killed.
    await rm(socketPath, { force: true });
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    // The plugin container may run as another user; nobody else sees the volume.
    this.#server.listen({ path: socketPath, writableAll: true, readableAll: true }, listening.resolve);
    await listening.promise;
  }

  /** Lets the plugin end what it does, and unloads it. */
  async stop(): Promise<void> {
    const guest = this.#guest;
    if (guest !== undefined) {
      await Promise.race([guest.relay.leave(), delay(leaveMilliseconds, undefined, { ref: false })]);
      guest.connection.send({ type: 'shutdown' });
      await guest.connection.end();
    }
    await this.#executor?.end();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const gone = new AbortController();
    const relay: Relay = new Relay({
      toPlugin: (message) => connection.send(message),
      toExecutor: (message) => this.#executor?.send(message),
      cutPlugin: (reason) => connection.cut(reason),
    });
    const connection: PluginConnection = new PluginConnection(socket, {
      arrived: () => this.#arrived({ connection, relay, gone }),
      receive: (message) => relay.fromPlugin(message),
      isBusy: () => relay.busy,
      full: (isFull) => this.#executor?.pause(isFull),
      closed: (reason, wasCut) => {
        relay.end();
        gone.abort();
        if (wasCut) this.#cutOff = reason;
        if (this.#guest?.connection === connection) void this.#left(reason);
      },
    });
  }

  #arrived(guest: Guest): void {
    if (this.#guest !== undefined) return guest.connection.cut('another plugin is connected');
    if (!this.#arrivals.take()) return guest.connection.cut('it comes and goes too often');
    this.#guest = guest;
    this.#cutOff = undefined;
    log('info', 'Plugin connected');
    void reconnect(() => this.#serve(guest), {
      signal: guest.gone.signal,
      lost: ({ reason }, retryMilliseconds) =>
        log('warn', 'Lost the executor', { reason: reason?.message ?? 'it hung up', retryMilliseconds }),
    });
  }

  async #serve({ connection, relay, gone }: Guest): Promise<ConnectionEnd> {
    const executor = await ExecutorConnection.dial(this.#options.executor, {
      receive: (message) => relay.fromExecutor(message),
      welcomed: () => {
        log('info', 'Executor connected');
        relay.executorCame();
      },
      full: (isFull) => connection.pause(isFull),
    });
    this.#executor = executor;
    const leave = (): void => void executor.end();
    gone.signal.addEventListener('abort', leave);
    if (gone.signal.aborted) leave();
    try {
      return await executor.ended;
    } finally {
      gone.signal.removeEventListener('abort', leave);
      if (this.#executor === executor) this.#executor = undefined;
      relay.executorWent();
      // It may have been held back by what this executor did not read.
      connection.pause(false);
    }
  }

  async #left(reason: string): Promise<void> {
    log('warn', 'Plugin disconnected', { reason });
    this.#guest = undefined;
    await this.#executor?.end();
  }
}
