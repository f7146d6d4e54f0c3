import { setTimeout as delay } from 'node:timers/promises';
import type { PluginKey } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import type { Logger } from '@autoweave/platform/telemetry';
import type { HookCall, RunnablePlugin } from '../ports.ts';
import type { LiveRunner } from './live-runner.ts';
import { RunnerLost } from './runner-lost.ts';
import type { RunnerSource } from './runner-source.ts';
import { SharedLock } from './shared-lock.ts';

/**
 * Uses the runner that a source has now. Calls that ran when it died run again one at a time, so that a plugin that
 * kills its runner is found out, and the others get their results.
 */
export class RetryingRunner {
  readonly #source: RunnerSource;
  readonly #logger: Logger;
  readonly #lock = new SharedLock();
  #stopped = false;

  constructor(source: RunnerSource, logger: Logger) {
    this.#source = source;
    this.#logger = logger;
  }

  load(plugin: RunnablePlugin): Promise<void> {
    return this.#attempt((runner) => runner.load(plugin));
  }

  call(call: HookCall): Promise<unknown> {
    return this.#attempt((runner) => runner.call(call));
  }

  async unload(plugin: PluginKey): Promise<void> {
    const runners = await this.#source.runners();
    await Promise.all(runners.map((runner) => this.#unloadFrom(runner, plugin)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#source.stop();
  }

  async #unloadFrom(runner: LiveRunner, plugin: PluginKey): Promise<void> {
    try {
      await runner.unload(plugin);
    } catch (error) {
      if (!(error instanceof RunnerLost)) throw error;
    }
    if (runner.isEmpty) await this.#source.emptied(runner);
  }

  async #attempt<T>(work: (runner: LiveRunner) => Promise<T>): Promise<T> {
    try {
      return await this.#lock.share(async () => work(await this.#source.runner()));
    } catch (error) {
      if (!(error instanceof RunnerLost) || this.#stopped) throw error;
      this.#logger.warn({ err: error }, 'Ran a call again after the runner ended');
    }
    return this.#lock.alone(async () => {
      const runner = await this.#source.runner();
      try {
        return await work(runner);
      } catch (error) {
        throw error instanceof RunnerLost ? await this.#deadlyCall(runner, error) : error;
      }
    });
  }

  /** The error for the only call that ran when a runner died. */
  async #deadlyCall(runner: LiveRunner, lost: RunnerLost): Promise<AutoWeaveError> {
    const how = await Promise.race([this.#source.endOf(runner), delay(1000, 'not yet', { ref: false })]);
    // Only V8 aborts a runner: an allocation failed that it cannot survive.
    if (how !== 'signal SIGABRT') return lost;
    return new AutoWeaveError('AW_PLUGIN_OUT_OF_MEMORY', 'it made V8 run out of memory', { cause: lost });
  }
}
