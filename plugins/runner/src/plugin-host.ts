import type { Capability, ExecutorMessage, PluginKey, ProtocolError } from '@autoweave/crds';
import { hookArgumentText } from './hook-argument.ts';
import type { PluginSandbox, RequestAnswer, SandboxLog, StartSandbox } from './plugin-sandbox.ts';
import { RunnerError } from './runner-error.ts';

type Load = ExecutorMessage & { readonly type: 'load' };
type Call = ExecutorMessage & { readonly type: 'call' };

export interface PluginHostListener {
  request(plugin: PluginKey, capability: Capability, values: string): Promise<RequestAnswer>;
  log(plugin: PluginKey, entry: SandboxLog): void;
  ended(plugin: PluginKey, error: ProtocolError): void;
  stuck(plugin: PluginKey): void;
}

export interface HostedPlugin {
  readonly plugin: PluginKey;
  readonly memoryMegabytes: number;
  readonly sandbox: PluginSandbox;
}

interface Entry extends HostedPlugin {
  /** Uid, digest and limits: another revision is another plugin. */
  readonly revision: string;
  /** Loading, or a call. Never rejects. */
  running: Promise<void>;
  /** Settles as loading did. */
  readonly loaded: Promise<void>;
}

/** The plugins of one runner, each in a sandbox of its own. */
export class PluginHost {
  readonly #startSandbox: StartSandbox;
  readonly #listener: PluginHostListener;
  readonly #plugins = new Map<string, Entry>();

  constructor(startSandbox: StartSandbox, listener: PluginHostListener) {
    this.#startSandbox = startSandbox;
    this.#listener = listener;
  }

  get plugins(): readonly HostedPlugin[] {
    return [...this.#plugins.values()];
  }

  /** Replaces another revision; the same one is left alone. @throws RunnerError */
  async load({ plugin, uid, digest, bundle, memoryMegabytes, timeoutSeconds }: Load): Promise<void> {
    const revision = JSON.stringify([uid, digest, memoryMegabytes, timeoutSeconds]);
    const former = this.#plugins.get(plugin.name);
    if (former?.revision === revision) return former.loaded;
    await this.unload(plugin);
    const listener = this.#listener;
    const sandbox = this.#startSandbox({
      memoryMegabytes,
      timeoutMilliseconds: timeoutSeconds * 1000,
      listener: {
        request: (capability, values) => listener.request(plugin, capability, values),
        log: (entry) => listener.log(plugin, entry),
        stuck: () => listener.stuck(plugin),
        ended: (error) => {
          this.#forget(sandbox, plugin);
          listener.ended(plugin, error);
        },
      },
    });
    const loaded = sandbox.load(bundle);
    this.#plugins.set(plugin.name, { plugin, revision, memoryMegabytes, sandbox, loaded, running: settled(loaded) });
    try {
      await loaded;
    } catch (error) {
      this.#forget(sandbox, plugin);
      throw error;
    }
  }

  /** After what runs in the plugin: an executor that is gone may have left a call. @throws RunnerError */
  call({ plugin, hook, argument, timeoutSeconds }: Call): Promise<string | undefined> {
    const entry = this.#plugins.get(plugin.name);
    const before = entry?.running;
    const answer = (async () => {
      await before;
      if (entry === undefined || this.#plugins.get(plugin.name) !== entry) {
        throw new RunnerError('AW_PLUGIN_ENDED', 'the plugin is not loaded');
      }
      const timeoutMilliseconds = timeoutSeconds * 1000;
      const text = hookArgumentText(argument, Date.now() + timeoutMilliseconds);
      return entry.sandbox.call({ hook, argument: text, timeoutMilliseconds });
    })();
    if (entry !== undefined) entry.running = settled(answer);
    return answer;
  }

  async unload({ name }: PluginKey): Promise<void> {
    const entry = this.#plugins.get(name);
    this.#plugins.delete(name);
    await entry?.sandbox.stop();
  }

  /** Resolves when what runs now has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#plugins.values().map(({ running }) => running));
  }

  async stop(): Promise<void> {
    await Promise.all(this.plugins.map(({ plugin }) => this.unload(plugin)));
  }

  #forget(sandbox: PluginSandbox, { name }: PluginKey): void {
    if (this.#plugins.get(name)?.sandbox === sandbox) this.#plugins.delete(name);
  }
}

async function settled(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
