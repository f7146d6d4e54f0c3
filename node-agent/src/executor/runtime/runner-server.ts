import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerProtocol } from '@autoweave/crds';
import type { Logger } from '@autoweave/platform/telemetry';
import type { RunnerAuthenticator } from '../ports.ts';
import { RunnerConnection } from './runner-connection.ts';

const helloMilliseconds = 5000;

export interface RunnerServerOptions {
  /** Made if missing, and private to this user. Default: a temporary one. */
  readonly directory?: string | undefined;
  readonly authenticator: RunnerAuthenticator;
  readonly logger: Logger;
  /** A runner proved that it serves the namespace, and was welcomed. */
  readonly arrived: (namespace: string, connection: RunnerConnection) => void;
}

/** Takes the connections of runners on a Unix socket that only this user can reach. */
export class RunnerServer {
  readonly #options: RunnerServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #directory: string | undefined;

  constructor(options: RunnerServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** @returns the path of the socket. */
  async start(): Promise<string> {
    this.#directory = this.#options.directory ?? (await mkdtemp(join(tmpdir(), 'autoweave-executor-')));
    await mkdir(this.#directory, { recursive: true });
    await chmod(this.#directory, 0o700);
    const path = join(this.#directory, 'runner.sock');
    // Left by an executor that was killed; two executors of one node share no directory.
    await rm(path, { force: true });
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    this.#server.listen(path, listening.resolve);
    await listening.promise;
    return path;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
    if (this.#options.directory === undefined && this.#directory !== undefined) {
      await rm(this.#directory, { recursive: true, force: true });
    }
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const connection = new RunnerConnection(socket);
    const timer = setTimeout(() => connection.close('it said no hello'), helloMilliseconds);
    connection.listen({
      receive: (message) => {
        clearTimeout(timer);
        if (message.type !== 'hello') connection.close(`AW_PROTOCOL_VIOLATION: it said ${message.type} before hello`);
        else void this.#greet(message.namespace, message.token, connection);
      },
      closed: (reason) => {
        clearTimeout(timer);
        this.#options.logger.warn({ reason }, 'Refused a runner');
      },
    });
  }

  async #greet(namespace: string, token: string, connection: RunnerConnection): Promise<void> {
    const { authenticator, arrived } = this.#options;
    if (!(await authenticator.accept(namespace, token))) {
      connection.close(`it did not prove that it serves namespace ${namespace}`);
      return;
    }
    connection.send({ type: 'welcome', version: runnerProtocol.version });
    arrived(namespace, connection);
  }
}
