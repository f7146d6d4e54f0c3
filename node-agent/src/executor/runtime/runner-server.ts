import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import type { RunnerGate } from './runner-gate.ts';

/** Where runners dial: a Unix socket that only this user can reach, or a TCP port. */
export class RunnerServer {
  readonly #gate: RunnerGate;
  readonly #server: Server;
  #temporaryDirectory: string | undefined;

  constructor(gate: RunnerGate) {
    this.#gate = gate;
    this.#server = createServer({ noDelay: true }, (socket) => gate.accept(socket));
  }

  /**
   * @param directory made if missing, and private to this user; default: a temporary one
   * @returns the path of the socket.
   */
  async listenOnSocket(directory: string | undefined): Promise<string> {
    if (directory === undefined) this.#temporaryDirectory = await mkdtemp(join(tmpdir(), 'autoweave-executor-'));
    const own = directory ?? this.#temporaryDirectory ?? '';
    await mkdir(own, { recursive: true });
    await chmod(own, 0o700);
    const path = join(own, 'runner.sock');
    // Left by an executor that was killed; two executors of one node share no directory.
    await rm(path, { force: true });
    await this.#listen({ path });
    return path;
  }

  /**
   * @param port 0 takes a free one
   * @returns the port.
   * @throws AutoWeaveError AW_CONFIG_INVALID when it cannot listen there
   */
  async listenOnPort({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    try {
      await this.#listen({ host, port });
    } catch (error) {
      const message = `runners cannot dial ${host}:${port}: ${errorMessage(error)}`;
      throw new AutoWeaveError('AW_CONFIG_INVALID', message, { cause: error, field: 'runnerPort', value: port });
    }
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#gate.close();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
    if (this.#temporaryDirectory !== undefined) await rm(this.#temporaryDirectory, { recursive: true, force: true });
  }

  async #listen(options: ListenOptions): Promise<void> {
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    this.#server.listen(options, listening.resolve);
    await listening.promise;
    this.#server.off('error', listening.reject);
  }
}
