import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { DeathWatch } from './death-watch.ts';

export interface ServerProcessOptions {
  readonly command: string;
  readonly parameters: readonly string[];
  /** Working directory; removed if this process dies without stopping the server. */
  readonly directory: string;
  /** Receives stdout and stderr, across restarts. */
  readonly logFile: string;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Tells whether the server answers; a rejection counts as no. */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>;
  /** Default 120 s: a busy machine is slow, not broken. */
  readonly readyTimeoutMilliseconds?: number;
}

const probeIntervalMilliseconds = 50;
const probeTimeoutMilliseconds = 5_000;
const logTailCharacters = 2_000;

/** A server as a child process, which can be killed and started again. Ends with us, however we end. */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the server answers. @throws AutoWeaveError AW_LOCAL_SERVER_FAILED with the end of the log. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    this.#spawn();
    try {
      await this.#waitUntilReady();
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** SIGKILL, as in a crash; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /** SIGTERM, and SIGKILL when that takes longer than `graceMilliseconds`. */
  async stop(graceMilliseconds = 3_000): Promise<void> {
    this.#child?.kill('SIGTERM');
    const timeout = new AbortController();
    await Promise.race([
      this.#exited,
      delay(graceMilliseconds, undefined, { signal: timeout.signal }).catch(() => undefined),
    ]);
    timeout.abort();
    await this.kill();
  }

  #spawn(): void {
    const { command, parameters, directory, logFile, environment } = this.#options;
    const log = openSync(logFile, 'a');
    // A group of its own: Ctrl-C ends this process first, which then stops its servers in the right order.
    const child = spawn(command, parameters, {
      cwd: directory,
      stdio: ['ignore', log, log],
      detached: true,
      env: environment ?? process.env,
    });
    closeSync(log);
    const watch = child.pid === undefined ? undefined : new DeathWatch({ processId: child.pid, directory });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const ended = (): void => {
        watch?.disarm();
        this.#child = undefined;
        resolve();
      };
      child.once('exit', ended);
      child.once('error', ended);
    });
  }

  async #waitUntilReady(): Promise<void> {
    const { isReady, readyTimeoutMilliseconds = 120_000 } = this.#options;
    const deadline = AbortSignal.timeout(readyTimeoutMilliseconds);
    while (!deadline.aborted) {
      if (this.#child === undefined) throw await this.#failure('exited before it was ready');
      const signal = AbortSignal.any([deadline, AbortSignal.timeout(probeTimeoutMilliseconds)]);
      if (await isReady(signal).catch(() => false)) return;
      await delay(probeIntervalMilliseconds);
    }
    throw await this.#failure(`was not ready after ${readyTimeoutMilliseconds / 1000} s`);
  }

  async #failure(what: string): Promise<AutoWeaveError> {
    const log = await readFile(this.#options.logFile, 'utf8').catch(() => '');
    const message = `${this.#options.command} ${what}. End of its log:\n${log.slice(-logTailCharacters)}`;
    return new AutoWeaveError('AW_LOCAL_SERVER_FAILED', message);
  }
}
