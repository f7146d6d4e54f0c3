import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AutoWeaveError } from '@autoweave/platform/errors';
import type { ClusterState } from '../cluster-state.ts';
import { isRunning } from '../sandbox/process-table.ts';
import { killProcess, type Sandbox } from '../sandbox/sandbox.ts';
import type { ClusterServer } from './server.ts';

export interface ManagedServerOptions {
  readonly server: ClusterServer;
  readonly sandbox: Sandbox;
  readonly state: ClusterState;
  /** Directory. */
  readonly logs: string;
}

/** A busy machine is slow, not broken. */
const readyTimeoutMilliseconds = 180_000;
const probeMilliseconds = 100;
const probeTimeoutMilliseconds = 5_000;
const logTailCharacters = 2_000;

/** A server that goes on when this process ends; a later one finds it by the state. */
export class ManagedServer {
  readonly #options: ManagedServerOptions;

  constructor(options: ManagedServerOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.server.name;
  }

  get logFile(): string {
    return join(this.#options.logs, `${this.name}.log`);
  }

  async isRunning(): Promise<boolean> {
    const identity = await this.#options.state.serverProcess(this.name);
    return identity !== undefined && (await isRunning(identity));
  }

  /** Does not wait until it is ready. Nothing when it runs. */
  async start(): Promise<void> {
    if (await this.isRunning()) return;
    const { server, sandbox, state } = this.#options;
    await state.keepServerProcess(this.name, await sandbox.spawn(server.command, this.logFile));
  }

  /** @throws AutoWeaveError AW_LOCAL_SERVER_FAILED with the end of its log. */
  async untilReady(): Promise<void> {
    const { isReady = () => Promise.resolve(true) } = this.#options.server;
    const deadline = AbortSignal.timeout(readyTimeoutMilliseconds);
    while (!deadline.aborted) {
      if (!(await this.isRunning())) throw await this.#failure('ended before it was ready');
      const signal = AbortSignal.any([deadline, AbortSignal.timeout(probeTimeoutMilliseconds)]);
      if (await isReady(signal).catch(() => false)) return;
      await delay(probeMilliseconds);
    }
    throw await this.#failure(`was not ready after ${readyTimeoutMilliseconds / 1000} s`);
  }

  /** SIGKILL, as in a crash; resolves when the process is gone. */
  async kill(): Promise<void> {
    const identity = await this.#options.state.serverProcess(this.name);
    if (identity !== undefined) await killProcess(identity);
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
    await this.untilReady();
  }

  async #failure(what: string): Promise<AutoWeaveError> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    const message = `${this.name} ${what}. End of its log, ${this.logFile}:\n${log.slice(-logTailCharacters)}`;
    return new AutoWeaveError('AW_LOCAL_SERVER_FAILED', message);
  }
}
