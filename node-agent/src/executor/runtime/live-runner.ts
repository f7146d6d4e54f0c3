import type { PluginKey, PluginManifest, ProtocolError } from '@autoweave/crds';
import type { Logger } from '@autoweave/platform/telemetry';
import type { BundleSource, HookCall, RunnablePlugin, RunnerIdentity } from '../ports.ts';
import type { Capabilities } from './capabilities.ts';
import { logPluginMessage } from './plugin-log.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RunnerConnection } from './runner-connection.ts';
import { type PluginLogMessage, RunnerSession } from './runner-session.ts';

/** Of a runner beyond what a hook may take: it ends what is overdue itself, and an earlier executor's call first. */
const graceSeconds = 15;
const unloadSeconds = 30;
const logLimits = { perSecond: 100, burst: 500 };

export interface LiveRunnerServices {
  readonly bundles: BundleSource;
  readonly capabilities: Capabilities;
  readonly logger: Logger;
}

interface LoadedPlugin {
  readonly revision: string;
  readonly manifest: PluginManifest;
}

/** A runner for as long as it is connected, and what this executor has loaded into it. */
export class LiveRunner {
  readonly identity: RunnerIdentity;
  /** Resolves when the connection ends, to the reason. */
  readonly gone: Promise<string>;
  readonly #services: LiveRunnerServices;
  readonly #session: RunnerSession;
  /** By name. */
  readonly #loaded = new Map<string, LoadedPlugin>();
  readonly #log = new RateLimiter(logLimits);
  readonly #ended = Promise.withResolvers<string>();
  #usable = true;
  #calls = 0;
  #idle = Promise.withResolvers<void>();

  constructor(identity: RunnerIdentity, connection: RunnerConnection, services: LiveRunnerServices) {
    this.identity = identity;
    this.gone = this.#ended.promise;
    this.#services = services;
    this.#session = new RunnerSession(connection, {
      serve: ({ plugin, capability, arguments: values }) => {
        const own = this.#own(plugin);
        const permissions = this.#loaded.get(own.name)?.manifest.permissions;
        return services.capabilities.serve({ plugin: own, permissions, capability, values });
      },
      log: (message) => this.#logged(message),
      pluginEnded: (plugin, error) => this.#pluginEnded(plugin, error),
      leaving: () => (this.#usable = false),
      closed: (reason) => {
        this.#usable = false;
        this.#ended.resolve(reason);
      },
    });
  }

  /** Connected, and willing to take calls. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Nothing is loaded, and nothing is about to be. */
  get isEmpty(): boolean {
    return this.#loaded.size === 0 && this.#calls === 0;
  }

  /** @throws AutoWeaveError, RunnerLost */
  load(plugin: RunnablePlugin): Promise<void> {
    return this.#counted(() => this.#ensureLoaded(plugin));
  }

  /** @throws AutoWeaveError, RunnerLost */
  call({ plugin, hook, argument }: HookCall): Promise<unknown> {
    return this.#counted(async () => {
      await this.#ensureLoaded(plugin);
      const { key, revision } = plugin;
      const { timeoutSeconds } = revision;
      const question = { type: 'call', plugin: key, hook, argument, timeoutSeconds } as const;
      return this.#session.ask(question, 2 * timeoutSeconds + graceSeconds);
    });
  }

  /** Also what an earlier executor loaded. @throws AutoWeaveError, RunnerLost */
  async unload(plugin: PluginKey): Promise<void> {
    const loaded = this.#loaded.get(plugin.name);
    // A call that comes meanwhile has to load it again; and onStop may use the store.
    const leaving = loaded === undefined ? undefined : { ...loaded, revision: '' };
    if (leaving !== undefined) this.#loaded.set(plugin.name, leaving);
    await this.#session.ask({ type: 'unload', plugin }, unloadSeconds);
    if (this.#loaded.get(plugin.name) === leaving) this.#loaded.delete(plugin.name);
  }

  /** Once nothing runs in it, unloads everything. It stays connected. */
  async retire(): Promise<void> {
    if (this.#calls > 0) await this.#idle.promise;
    const { namespace } = this.identity;
    await Promise.allSettled([...this.#loaded.keys()].map((name) => this.unload({ namespace, name })));
  }

  /** Asks the process to end. */
  shutDown(): void {
    this.#usable = false;
    this.#session.shutDown();
  }

  close(reason: string): void {
    this.#session.close(reason);
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    try {
      return await work();
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) {
        this.#idle.resolve();
        this.#idle = Promise.withResolvers();
      }
    }
  }

  async #ensureLoaded({ key, revision }: RunnablePlugin): Promise<void> {
    const { bundleDigest: digest, uid, memoryMegabytes, timeoutSeconds } = revision;
    const id = JSON.stringify(revision);
    if (this.#loaded.get(key.name)?.revision === id) return;
    const bundle = await this.#services.bundles.fetch(digest);
    const loaded = { revision: id, manifest: bundle.manifest };
    // Before the answer: onStart may use the store already.
    this.#loaded.set(key.name, loaded);
    try {
      const limits = { memoryMegabytes, timeoutSeconds };
      const question = { type: 'load', plugin: key, uid, digest, bundle, ...limits } as const;
      await this.#session.ask(question, timeoutSeconds + graceSeconds);
    } catch (error) {
      if (this.#loaded.get(key.name) === loaded) this.#loaded.delete(key.name);
      throw error;
    }
  }

  /** A runner speaks for what it proved to serve, whatever it says. */
  #own({ name }: PluginKey): PluginKey {
    const { namespace, plugin = name } = this.identity;
    return { namespace, name: plugin };
  }

  #logged(message: PluginLogMessage): void {
    const { logger } = this.#services;
    const plugin = this.#own(message.plugin);
    if (!this.#log.take()) return;
    const dropped = this.#log.takeRefused();
    if (dropped > 0) logger.warn({ plugin, dropped }, 'Dropped messages of a runner that logs too much');
    logPluginMessage(logger, { ...message, plugin });
  }

  #pluginEnded(told: PluginKey, error: ProtocolError): void {
    const plugin = this.#own(told);
    // Said of a plugin that is not there, it would only fill the log.
    if (this.#loaded.delete(plugin.name)) this.#services.logger.warn({ plugin, error }, 'Plugin ended');
  }
}
