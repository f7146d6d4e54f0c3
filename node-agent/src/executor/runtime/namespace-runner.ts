import { setTimeout as delay } from 'node:timers/promises';
import type { PluginKey, PluginManifest } from '@autoweave/crds';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import type { Logger } from '@autoweave/platform/telemetry';
import type { BundleSource, HookCall, RunnablePlugin, RunnerProcess } from '../ports.ts';
import type { Capabilities } from './capabilities.ts';
import { logPluginMessage } from './plugin-log.ts';
import type { RunnerConnection } from './runner-connection.ts';
import { RunnerLost } from './runner-lost.ts';
import { RunnerSession } from './runner-session.ts';
import { SharedLock } from './shared-lock.ts';

const startAttempts = 3;
const shortestLifeMilliseconds = 10_000;
const stopMilliseconds = 5000;

export interface NamespaceRunnerOptions {
  readonly namespace: string;
  readonly bundles: BundleSource;
  readonly capabilities: Capabilities;
  readonly logger: Logger;
  /** Starts a runner and waits until it is connected. @throws AutoWeaveError AW_RUNNER_UNAVAILABLE */
  readonly start: () => Promise<ConnectedRunner>;
}

export interface ConnectedRunner {
  readonly connection: RunnerConnection;
  readonly process: RunnerProcess;
}

interface LoadedPlugin {
  readonly revision: string;
  readonly manifest: PluginManifest;
}

interface LiveRunner {
  readonly session: RunnerSession;
  readonly process: RunnerProcess;
  /** By name. */
  readonly loaded: Map<string, LoadedPlugin>;
}

interface Death {
  readonly process: RunnerProcess;
  readonly startedAt: number;
  readonly reason: string;
}

/**
 * The runner of one namespace: started when a plugin needs it, again after it died, ended with its last plugin.
 * Calls that ran when it died run again one at a time, so that a plugin that kills its runner is found out, and the
 * others get their results.
 */
export class NamespaceRunner {
  readonly #options: NamespaceRunnerOptions;
  readonly #lock = new SharedLock();
  #runner: Promise<LiveRunner> | undefined;
  /** Of `#runner`, as soon as it is connected: the end of an earlier one must not be taken for its end. */
  #process: RunnerProcess | undefined;
  #shortLives = 0;
  #stopped = false;

  constructor(options: NamespaceRunnerOptions) {
    this.#options = options;
  }

  async load(plugin: RunnablePlugin): Promise<void> {
    await this.#attempt((runner) => this.#ensureLoaded(runner, plugin));
  }

  async call({ plugin, hook, argument }: HookCall): Promise<unknown> {
    return this.#attempt(async (runner) => {
      await this.#ensureLoaded(runner, plugin);
      const { key, revision } = plugin;
      const { timeoutSeconds } = revision;
      return runner.session.ask({ type: 'call', plugin: key, hook, argument, timeoutSeconds });
    });
  }

  async unload(plugin: PluginKey): Promise<void> {
    const runner = await this.#running();
    if (runner?.loaded.has(plugin.name) !== true) return;
    try {
      await runner.session.ask({ type: 'unload', plugin });
    } catch (error) {
      if (!(error instanceof RunnerLost)) throw error;
    }
    // Only now: onStop may use the store.
    runner.loaded.delete(plugin.name);
    if (runner.loaded.size === 0 && (await this.#running()) === runner) await this.#end(runner);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const runner = await this.#running();
    if (runner !== undefined) await this.#end(runner);
  }

  async #attempt<T>(work: (runner: LiveRunner) => Promise<T>): Promise<T> {
    try {
      return await this.#lock.share(async () => work(await this.#live()));
    } catch (error) {
      if (!(error instanceof RunnerLost) || this.#stopped) throw error;
      this.#options.logger.warn({ err: error }, 'Ran a call again after the runner ended');
    }
    return this.#lock.alone(async () => {
      const runner = await this.#live();
      try {
        return await work(runner);
      } catch (error) {
        throw error instanceof RunnerLost ? await deadlyCall(runner, error) : error;
      }
    });
  }

  async #ensureLoaded(runner: LiveRunner, { key, revision }: RunnablePlugin): Promise<void> {
    const { bundleDigest: digest, memoryMegabytes, timeoutSeconds } = revision;
    const id = JSON.stringify(revision);
    if (runner.loaded.get(key.name)?.revision === id) return;
    const bundle = await this.#options.bundles.fetch(digest);
    // Before the answer: onStart may use the store already.
    runner.loaded.set(key.name, { revision: id, manifest: bundle.manifest });
    try {
      await runner.session.ask({ type: 'load', plugin: key, digest, bundle, memoryMegabytes, timeoutSeconds });
    } catch (error) {
      runner.loaded.delete(key.name);
      throw error;
    }
  }

  /** @throws AutoWeaveError AW_RUNNER_UNAVAILABLE */
  #live(): Promise<LiveRunner> {
    if (this.#stopped) throw new AutoWeaveError('AW_PLUGIN_ENDED', 'the executor stops');
    this.#runner ??= this.#startAgain().catch((error: unknown) => {
      this.#runner = undefined;
      throw error;
    });
    return this.#runner;
  }

  async #running(): Promise<LiveRunner | undefined> {
    try {
      return await this.#runner;
    } catch {
      return undefined;
    }
  }

  async #startAgain(): Promise<LiveRunner> {
    const { namespace, logger } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      await delay(backoffMilliseconds(this.#shortLives));
      try {
        return await this.#start();
      } catch (error) {
        this.#shortLives += 1;
        logger.error({ err: error, namespace, attempt }, 'Failed to start a runner');
        if (attempt < startAttempts && !this.#stopped) continue;
        const message = `the runner of namespace ${namespace} does not start: ${errorMessage(error)}`;
        throw new AutoWeaveError('AW_RUNNER_UNAVAILABLE', message, { cause: error });
      }
    }
  }

  async #start(): Promise<LiveRunner> {
    const { namespace, logger, capabilities } = this.#options;
    const { connection, process } = await this.#options.start();
    this.#process = process;
    const startedAt = Date.now();
    const loaded = new Map<string, LoadedPlugin>();
    const session = new RunnerSession(connection, {
      serve: ({ plugin, capability, arguments: values }) => {
        // A runner speaks for its own namespace, whatever it says.
        const own = { namespace, name: plugin.name };
        const permissions = loaded.get(plugin.name)?.manifest.permissions;
        return capabilities.serve({ plugin: own, permissions, capability, values });
      },
      log: (message) => logPluginMessage(logger, { ...message, plugin: { namespace, name: message.plugin.name } }),
      pluginEnded: ({ name }, error) => {
        loaded.delete(name);
        logger.warn({ namespace, plugin: name, ...error }, 'Plugin ended');
      },
      closed: (reason) => this.#died({ process, startedAt, reason }),
    });
    logger.info({ namespace }, 'Started a runner');
    return { session, process, loaded };
  }

  #died({ process, startedAt, reason }: Death): void {
    if (this.#process !== process) return;
    // One that does not answer may still run.
    process.kill();
    this.#process = undefined;
    this.#runner = undefined;
    this.#shortLives = Date.now() - startedAt < shortestLifeMilliseconds ? this.#shortLives + 1 : 0;
    this.#options.logger.warn({ namespace: this.#options.namespace, reason }, 'Runner ended');
  }

  async #end(runner: LiveRunner): Promise<void> {
    this.#process = undefined;
    this.#runner = undefined;
    runner.session.shutDown();
    await Promise.race([runner.process.ended, delay(stopMilliseconds, undefined, { ref: false })]);
    runner.session.close('it was asked to end');
    runner.process.kill();
  }
}

/** The first start comes at once, and the first after a death soon. */
function backoffMilliseconds(shortLives: number): number {
  return shortLives === 0 ? 0 : Math.min(5000, 50 * 2 ** shortLives);
}

/** The error for the only call that ran when a runner died. */
async function deadlyCall({ process }: LiveRunner, lost: RunnerLost): Promise<AutoWeaveError> {
  const how = await Promise.race([process.ended, delay(1000, 'not yet', { ref: false })]);
  // Only V8 aborts a runner: an allocation failed that it cannot survive.
  if (how !== 'signal SIGABRT') return lost;
  return new AutoWeaveError('AW_PLUGIN_OUT_OF_MEMORY', 'it made V8 run out of memory', { cause: lost });
}
