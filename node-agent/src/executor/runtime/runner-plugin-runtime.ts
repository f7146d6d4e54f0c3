import { setTimeout as delay } from 'node:timers/promises';
import type { PluginKey } from '@autoweave/crds';
import type { Counter, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type {
  BundleSource,
  HookCall,
  PluginRuntime,
  PluginStore,
  RunnablePlugin,
  RunnerAuthenticator,
  RunnerLauncher,
} from '../ports.ts';
import { Capabilities } from './capabilities.ts';
import { type ConnectedRunner, NamespaceRunner } from './namespace-runner.ts';
import type { RunnerConnection } from './runner-connection.ts';
import { RunnerServer } from './runner-server.ts';

const connectMilliseconds = 15_000;

export interface RunnerPluginRuntimeOptions {
  /** Of the socket; see RunnerServer. */
  readonly directory?: string | undefined;
  readonly launcher: RunnerLauncher;
  readonly authenticator: RunnerAuthenticator;
  readonly bundles: BundleSource;
  readonly store: PluginStore;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Runs plugins in runner processes, one a namespace. */
export class RunnerPluginRuntime implements PluginRuntime {
  readonly #options: RunnerPluginRuntimeOptions;
  readonly #server: RunnerServer;
  readonly #capabilities: Capabilities;
  readonly #starts: Counter;
  readonly #runners = new Map<string, NamespaceRunner>();
  /** Who waits for the runner of a namespace to connect. */
  readonly #expected = new Map<string, (connection: RunnerConnection) => void>();
  #socketPath = '';

  constructor(options: RunnerPluginRuntimeOptions) {
    this.#options = options;
    const { directory, authenticator, logger, metrics, store } = options;
    this.#capabilities = new Capabilities(store, metrics);
    this.#starts = metrics.counter({ name: 'autoweave_executor_runner_starts_total', help: 'Runners that started.' });
    this.#server = new RunnerServer({
      directory,
      authenticator,
      logger,
      arrived: (namespace, connection) => this.#arrived(namespace, connection),
    });
  }

  async start(): Promise<void> {
    this.#socketPath = await this.#server.start();
  }

  load(plugin: RunnablePlugin): Promise<void> {
    return this.#runnerOf(plugin.key).load(plugin);
  }

  call(call: HookCall): Promise<unknown> {
    return this.#runnerOf(call.plugin.key).call(call);
  }

  async unload(plugin: PluginKey): Promise<void> {
    await this.#runners.get(plugin.namespace)?.unload(plugin);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runners.values().map((runner) => runner.stop()));
    await this.#server.stop();
  }

  #runnerOf({ namespace }: PluginKey): NamespaceRunner {
    const { bundles, logger } = this.#options;
    const known = this.#runners.get(namespace);
    if (known !== undefined) return known;
    const start = (): Promise<ConnectedRunner> => this.#startRunner(namespace);
    const runner = new NamespaceRunner({ namespace, bundles, logger, capabilities: this.#capabilities, start });
    this.#runners.set(namespace, runner);
    return runner;
  }

  async #startRunner(namespace: string): Promise<ConnectedRunner> {
    const { launcher, authenticator } = this.#options;
    const arrival = Promise.withResolvers<RunnerConnection>();
    this.#expected.set(namespace, arrival.resolve);
    const token = authenticator.issue(namespace);
    const process = launcher.launch({ namespace, socketPath: this.#socketPath, token });
    const given = new AbortController();
    try {
      const connection = await Promise.race([
        arrival.promise,
        process.ended.then((how) => Promise.reject(new Error(`it ended with ${how}`))),
        delay(connectMilliseconds, undefined, { signal: given.signal }).then(() =>
          Promise.reject(new Error(`it did not connect within ${connectMilliseconds} ms`)),
        ),
      ]);
      this.#starts.increment();
      return { connection, process };
    } catch (error) {
      process.kill();
      throw error;
    } finally {
      given.abort();
      this.#expected.delete(namespace);
    }
  }

  #arrived(namespace: string, connection: RunnerConnection): void {
    const expected = this.#expected.get(namespace);
    if (expected === undefined) connection.close(`nobody waits for a runner of namespace ${namespace}`);
    else expected(connection);
  }
}
