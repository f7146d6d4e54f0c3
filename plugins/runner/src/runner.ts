import {
  type Capability,
  type ExecutorMessage,
  type PluginKey,
  type ProtocolError,
  type RunnerMessage,
  runnerProtocol,
} from '@autoweave/crds';
import type { RunnerConfig } from './config.ts';
import { ExecutorConnection } from './executor-connection.ts';
import { MemoryGuard } from './memory-guard.ts';
import { type HostedPlugin, PluginHost } from './plugin-host.ts';
import type { RequestAnswer, SandboxLog, StartSandbox } from './plugin-sandbox.ts';
import { protocolError } from './runner-error.ts';

export interface RunnerOptions {
  readonly config: RunnerConfig;
  readonly startSandbox: StartSandbox;
  /** Ends the process at once: a thread cannot be stopped in another way. */
  readonly abandon: (reason: string) => void;
}

/** Serves one namespace, for as long as its executor stays connected. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #host: PluginHost;
  readonly #guard: MemoryGuard;
  readonly #requests = new Map<string, (answer: RequestAnswer) => void>();
  readonly #ended = Promise.withResolvers<Error | undefined>();
  #connection: ExecutorConnection | undefined;
  #lastRequest = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#host = new PluginHost(options.startSandbox, {
      request: this.#request.bind(this),
      log: this.#log.bind(this),
      ended: (plugin, error) => this.#send({ type: 'ended', plugin, error }),
      stuck: ({ name }) => void this.#leave(`the thread of plugin ${name} cannot be stopped`),
    });
    this.#guard = new MemoryGuard({
      plugins: () => this.#host.plugins,
      residentBytes: () => process.memoryUsage.rss(),
      exceeded: (culprit) => void this.#outOfMemory(culprit),
    });
  }

  /** Resolves when the executor is gone: with the reason, or undefined after an orderly end. */
  async run(): Promise<Error | undefined> {
    const { socketPath, namespace, token } = this.#options.config;
    this.#connection = new ExecutorConnection({
      socketPath,
      receive: (message) => this.#receive(message),
      closed: this.#ended.resolve,
    });
    this.#send({ type: 'hello', version: runnerProtocol.version, namespace, token });
    this.#guard.start();
    try {
      return await this.#ended.promise;
    } finally {
      this.#guard.stop();
      await this.#host.stop();
    }
  }

  /** Unloads everything, then disconnects: `run` resolves. */
  async shutDown(): Promise<void> {
    await this.#host.stop();
    await this.#connection?.end();
  }

  #receive(message: ExecutorMessage): void {
    switch (message.type) {
      case 'load':
        return void this.#answer(message.id, this.#host.load(message));
      case 'unload':
        return void this.#answer(message.id, this.#host.unload(message.plugin));
      case 'call':
        return void this.#answer(message.id, this.#host.call(message));
      case 'response':
        return this.#respond(message);
      case 'ping':
        return this.#send({ type: 'pong' });
      case 'shutdown':
        return void this.shutDown();
      case 'welcome':
    }
  }

  /** @param work resolves to JSON or to nothing */
  async #answer(id: string, work: Promise<string | void>): Promise<void> {
    try {
      const json = await work;
      this.#send({ type: 'result', id, ...(json === undefined ? {} : { value: JSON.parse(json) as unknown }) });
    } catch (error) {
      this.#send({ type: 'result', id, error: protocolError(error) });
    }
  }

  #request(plugin: PluginKey, capability: Capability, values: string): Promise<RequestAnswer> {
    const id = String((this.#lastRequest += 1));
    this.#send({ type: 'request', id, plugin, capability, arguments: JSON.parse(values) as unknown[] });
    return new Promise((resolve) => this.#requests.set(id, resolve));
  }

  #respond({ id, value, error }: ExecutorMessage & { type: 'response' }): void {
    const resolve = this.#requests.get(id);
    this.#requests.delete(id);
    resolve?.(error === undefined ? { value } : { error });
  }

  #log(plugin: PluginKey, { level, message, fields }: SandboxLog): void {
    this.#send({ type: 'log', plugin, level, message, ...(fields === undefined ? {} : { fields }) });
  }

  async #outOfMemory(culprit: HostedPlugin | undefined): Promise<void> {
    const error: ProtocolError = {
      code: 'AW_PLUGIN_OUT_OF_MEMORY',
      message: 'it made its runner use more memory than all its plugins may use together',
    };
    if (culprit !== undefined) this.#send({ type: 'ended', plugin: culprit.plugin, error });
    await this.#leave('the memory of all plugins together is exceeded');
  }

  async #leave(reason: string): Promise<void> {
    await this.#connection?.end();
    this.#options.abandon(reason);
  }

  #send(message: RunnerMessage): void {
    this.#connection?.send(message);
  }
}
