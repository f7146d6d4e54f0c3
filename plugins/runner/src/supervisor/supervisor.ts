import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { retryMilliseconds } from '../connection/reconnect.ts';
import { log } from '../log.ts';
import type { Probes } from '../probes.ts';

/** One that lives shorter failed. */
const shortestLifeMilliseconds = 10_000;

/** Parameters of this program that make it the host, and not its supervisor. */
export interface SupervisorOptions {
  readonly parameters: readonly string[];
}

/**
 * The first process of a container whose plugins run in the second. A process with isolates ends only by SIGKILL or by
 * an abort, neither of which the first process of a container can do to itself; and the kubelet would wait up to five
 * minutes before it starts the container again, for which other plugins would pay.
 */
export class Supervisor {
  readonly #parameters: readonly string[];
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #isWelcome = false;

  constructor({ parameters }: SupervisorOptions) {
    this.#parameters = parameters;
  }

  get probes(): Probes {
    return {
      '/healthz': () => undefined,
      '/readyz': () => (this.#isWelcome ? undefined : 'the executor of this node is not connected'),
    };
  }

  /** Resolves when it was stopped. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const how = await this.#runChild();
      if (signal.aborted) return;
      failures = performance.now() - startedAt >= shortestLifeMilliseconds ? 1 : failures + 1;
      const wait = retryMilliseconds(failures);
      log('warn', 'Host ended, starts again', { how, retryMilliseconds: wait });
      await delay(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Lets the host end in order. Idempotent. */
  stop(): void {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
  }

  async #runChild(): Promise<string> {
    const [, program = ''] = process.argv;
    const child = spawn(process.execPath, [...process.execArgv, program, ...this.#parameters], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    child.on('message', (isWelcome) => (this.#isWelcome = isWelcome === true));
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    try {
      return await ended;
    } finally {
      this.#isWelcome = false;
    }
  }
}
