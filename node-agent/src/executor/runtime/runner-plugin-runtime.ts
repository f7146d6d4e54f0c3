import type { PluginKey } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type {
  BundleSource,
  HookCall,
  PluginRuntime,
  PluginStore,
  RunnablePlugin,
  RunnerAuthenticator,
  RunnerIdentity,
  RunnerLauncher,
} from '../ports.ts';
import { Capabilities } from './capabilities.ts';
import { ChildRunners } from './child-runners.ts';
import { LiveRunner } from './live-runner.ts';
import { portLimits } from './peer-limits.ts';
import { PodRunners } from './pod-runners.ts';
import { RetryingRunner } from './retrying-runner.ts';
import type { RunnerConnection } from './runner-connection.ts';
import { RunnerGate } from './runner-gate.ts';
import { RunnerServer } from './runner-server.ts';
import type { RunnerSource } from './runner-source.ts';

export interface RunnerPluginRuntimeOptions {
  /** Runs the plugins of runtime Thread in processes of ours. */
  readonly children?: { readonly launcher: RunnerLauncher; readonly directory?: string | undefined } | undefined;
  /** Runs the others in pods that dial in; without `children` all of them. */
  readonly pods?: PodRunnerOptions | undefined;
  readonly bundles: BundleSource;
  readonly store: PluginStore;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface PodRunnerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly authenticator: RunnerAuthenticator;
}

/** Runs plugins in runners, each of which serves one namespace, or one plugin in a pod of its own. */
export class RunnerPluginRuntime implements PluginRuntime {
  readonly #options: RunnerPluginRuntimeOptions;
  readonly #children: ChildRunners | undefined;
  readonly #server: RunnerServer | undefined;
  /** By whom they serve: a namespace, or a plugin. */
  readonly #pods = new Map<string, PodRunners>();
  readonly #runners = new Map<string, RetryingRunner>();
  /** By plugin: where it ran last. */
  readonly #users = new Map<string, RetryingRunner>();

  constructor(options: RunnerPluginRuntimeOptions) {
    this.#options = options;
    const { children, pods, logger, metrics, store } = options;
    const services = { bundles: options.bundles, capabilities: new Capabilities(store, metrics), logger };
    const live = (identity: RunnerIdentity, connection: RunnerConnection): LiveRunner =>
      new LiveRunner(identity, connection, services);
    this.#children = children && new ChildRunners({ ...children, live, logger, metrics });
    if (pods === undefined) return;
    const arrived = (identity: RunnerIdentity, connection: RunnerConnection): void =>
      this.#podsOf(identity).arrived(live(identity, connection));
    const { authenticator } = pods;
    this.#server = new RunnerServer(new RunnerGate({ authenticator, limits: portLimits, arrived, logger, metrics }));
    const connected = metrics.gauge({
      name: 'autoweave_executor_runner_pods_connected',
      help: 'Runner pods that are connected.',
    });
    metrics.onRender(() => connected.set(this.#pods.values().reduce((sum, { count }) => sum + count, 0)));
  }

  /** @returns the port that pods dial, when they may. @throws AutoWeaveError AW_CONFIG_INVALID */
  async start(): Promise<{ readonly port: number | undefined }> {
    const { pods } = this.#options;
    await this.#children?.start();
    return { port: pods && (await this.#server?.listenOnPort(pods)) };
  }

  async load(plugin: RunnablePlugin): Promise<void> {
    const runner = await this.#runnerFor(plugin);
    await runner.load(plugin);
  }

  async call(call: HookCall): Promise<unknown> {
    const runner = await this.#runnerFor(call.plugin);
    return runner.call(call);
  }

  async unload(plugin: RunnablePlugin): Promise<void> {
    await this.#runnerOf(plugin).unload(plugin.key);
    this.#users.delete(joinKey(plugin.key));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runners.values().map((runner) => runner.stop()));
    await Promise.all(this.#pods.values().map((pods) => pods.stop()));
    await this.#children?.stop();
    await this.#server?.stop();
  }

  /** The runner of the plugin, and of no other sandbox: the one that it ran in before lets go of it. */
  async #runnerFor(plugin: RunnablePlugin): Promise<RetryingRunner> {
    const runner = this.#runnerOf(plugin);
    const key = joinKey(plugin.key);
    const former = this.#users.get(key);
    this.#users.set(key, runner);
    if (former !== undefined && former !== runner) await Promise.allSettled([former.unload(plugin.key)]);
    return runner;
  }

  /** A plugin of runtime Pod never runs in a process that others share. */
  #runnerOf({ key: { namespace, name }, revision }: RunnablePlugin): RetryingRunner {
    const identity = revision.runtime === 'Pod' ? { namespace, plugin: name } : { namespace };
    const known = this.#runners.get(nameOf(identity));
    if (known !== undefined) return known;
    const runner = new RetryingRunner(this.#sourceFor(identity), this.#options.logger);
    this.#runners.set(nameOf(identity), runner);
    return runner;
  }

  #sourceFor(identity: RunnerIdentity): RunnerSource {
    if (this.#children !== undefined && identity.plugin === undefined) return this.#children.of(identity.namespace);
    if (this.#options.pods !== undefined) return this.#podsOf(identity);
    throw new AutoWeaveError('AW_RUNTIME_UNSUPPORTED', 'runtime Pod needs an executor that runner pods can dial');
  }

  #podsOf(identity: RunnerIdentity): PodRunners {
    const name = nameOf(identity);
    const known = this.#pods.get(name);
    if (known !== undefined) return known;
    const pods = new PodRunners({ name, logger: this.#options.logger });
    this.#pods.set(name, pods);
    return pods;
  }
}

/** `namespace`, or `namespace/plugin`. */
function nameOf({ namespace, plugin }: RunnerIdentity): string {
  return plugin === undefined ? namespace : joinKey({ namespace, name: plugin });
}

function joinKey({ namespace, name }: PluginKey): string {
  return `${namespace}/${name}`;
}
