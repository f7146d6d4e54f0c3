import { setTimeout as delay } from 'node:timers/promises';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import type { Logger } from '@autoweave/platform/telemetry';
import type { RunnerProcess } from '../ports.ts';
import type { LiveRunner } from './live-runner.ts';
import type { RunnerSource } from './runner-source.ts';

const startAttempts = 3;
const shortestLifeMilliseconds = 10_000;
const stopMilliseconds = 5000;

export interface ChildRunnerOptions {
  readonly namespace: string;
  readonly logger: Logger;
  /** Starts a process and waits until it is connected. */
  readonly start: () => Promise<StartedRunner>;
}

export interface StartedRunner {
  readonly runner: LiveRunner;
  readonly process: RunnerProcess;
}

/** The runner of one namespace as a process: started when it is needed, again after it died, ended when it is empty. */
export class ChildRunner implements RunnerSource {
  readonly #options: ChildRunnerOptions;
  #starting: Promise<Started> | undefined;
  /** What `#starting` came to. */
  #current: Started | undefined;
  readonly #ends = new WeakMap<LiveRunner, Promise<string>>();
  #shortLives = 0;
  #stopped = false;

  constructor(options: ChildRunnerOptions) {
    this.#options = options;
  }

  async runner(): Promise<LiveRunner> {
    if (this.#stopped) throw new AutoWeaveError('AW_PLUGIN_ENDED', 'the executor stops');
    if (this.#current?.runner.usable === false) this.#died(this.#current, 'it is gone');
    this.#starting ??= this.#startAgain();
    return (await this.#starting).runner;
  }

  async runners(): Promise<readonly LiveRunner[]> {
    await Promise.allSettled([this.#starting]);
    return this.#current === undefined ? [] : [this.#current.runner];
  }

  async endOf(runner: LiveRunner): Promise<string> {
    return (await this.#ends.get(runner)) ?? 'unknown';
  }

  async emptied(runner: LiveRunner): Promise<void> {
    if (this.#current?.runner === runner) await this.#end(this.#current);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.runners();
    if (this.#current !== undefined) await this.#end(this.#current);
  }

  async #startAgain(): Promise<Started> {
    const { namespace, logger } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      await delay(backoffMilliseconds(this.#shortLives));
      try {
        return await this.#start();
      } catch (error) {
        this.#shortLives += 1;
        logger.error({ err: error, namespace, attempt }, 'Failed to start a runner');
        if (attempt < startAttempts && !this.#stopped) continue;
        this.#starting = undefined;
        const message = `the runner of namespace ${namespace} does not start: ${errorMessage(error)}`;
        throw new AutoWeaveError('AW_RUNNER_UNAVAILABLE', message, { cause: error });
      }
    }
  }

  async #start(): Promise<Started> {
    const started = { ...(await this.#options.start()), at: Date.now() };
    this.#current = started;
    this.#ends.set(started.runner, started.process.ended);
    void this.#watch(started);
    this.#options.logger.info({ namespace: this.#options.namespace }, 'Started a runner');
    return started;
  }

  async #watch(started: Started): Promise<void> {
    this.#died(started, await started.runner.gone);
  }

  #died(started: Started, reason: string): void {
    if (this.#current !== started) return;
    // One that does not answer may still run.
    started.process.kill();
    this.#current = undefined;
    this.#starting = undefined;
    this.#shortLives = Date.now() - started.at < shortestLifeMilliseconds ? this.#shortLives + 1 : 0;
    this.#options.logger.warn({ namespace: this.#options.namespace, reason }, 'Runner ended');
  }

  async #end({ runner, process }: Started): Promise<void> {
    this.#current = undefined;
    this.#starting = undefined;
    runner.shutDown();
    await Promise.race([process.ended, delay(stopMilliseconds, undefined, { ref: false })]);
    runner.close('it was asked to end');
    process.kill();
  }
}

interface Started extends StartedRunner {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The first start comes at once, and the first after a death soon. */
function backoffMilliseconds(shortLives: number): number {
  return shortLives === 0 ? 0 : Math.min(5000, 50 * 2 ** shortLives);
}
