import { setTimeout as delay } from 'node:timers/promises';
import type { Capability, PluginKey, ProtocolError, RunnerMessage } from '@autoweave/crds';
import {
  type ConnectionEnd,
  type Executor,
  ExecutorConnection,
  type ExecutorOrder,
} from './connection/executor-connection.ts';
import { MemoryGuard } from './memory-guard.ts';
import { type HostedPlugin, PluginHost } from './plugin-host.ts';
import type { RequestAnswer, SandboxLog, StartSandbox } from './plugin-sandbox.ts';
import { protocolError } from './runner-error.ts';

export interface RunnerOptions {
  readonly startSandbox: StartSandbox;
  /** Ends the process at once: a thread cannot be stopped in another way. */
  readonly abandon: (reason: string) => void;
  /** An executor welcomed it. */
  readonly welcomed?: () => void;
}

/** What runs may take this long when a pod ends; Kubernetes gives 30 s by default. */
const leaveMilliseconds = 20_000;
const away: ProtocolError = { code: 'AW_REDIS_UNREACHABLE', message: 'the executor of the node is away' };

/** Hosts plugins for one namespace, or one plugin. They outlive the connection to the executor. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #host: PluginHost;
  readonly #guard: MemoryGuard;
  readonly #requests = new Map<string, (answer: RequestAnswer) => void>();
  #connection: ExecutorConnection | undefined;
  #lastRequest = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#host = new PluginHost(options.startSandbox, {
      request: this.#request.bind(this),
      log: this.#log.bind(this),
      ended: (plugin, error) => this.#send({ type: 'ended', plugin, error }),
      stuck: ({ name }) => {
        this.#send({ type: 'leaving' });
        void this.#abandon(`the thread of plugin ${name} cannot be stopped`);
      },
    });
    this.#guard = new MemoryGuard({
      plugins: () => this.#host.plugins,
      residentBytes: () => process.memoryUsage.rss(),
      exceeded: (culprit) => void this.#outOfMemory(culprit),
    });
  }

  /** Serves an executor until its connection ends. Plugins stay, for the next one. */
  async serve(executor: Executor): Promise<ConnectionEnd> {
    const connection = await ExecutorConnection.dial(executor, {
      receive: (message) => this.#receive(connection, message),
      welcomed: () => this.#options.welcomed?.(),
    });
    this.#connection = connection;
    this.#guard.start();
    try {
      return await connection.ended;
    } finally {
      this.#connection = undefined;
      for (const resolve of this.#requests.values()) resolve({ error: away });
      this.#requests.clear();
    }
  }

  /** Takes no more calls, lets those that run end, then shuts down. */
  async leave(): Promise<void> {
    this.#send({ type: 'leaving' });
    await Promise.race([this.#host.idle(), delay(leaveMilliseconds, undefined, { ref: false })]);
    await this.shutDown();
  }

  /** Unloads everything, then disconnects: `serve` resolves. */
  async shutDown(): Promise<void> {
    await this.#host.stop();
    this.#guard.stop();
    await this.#connection?.end();
  }

  #receive(connection: ExecutorConnection, message: ExecutorOrder): void {
    switch (message.type) {
      case 'load':
        return void answer(connection, message.id, this.#host.load(message));
      case 'unload':
        return void answer(connection, message.id, this.#host.unload(message.plugin));
      case 'call':
        return void answer(connection, message.id, this.#host.call(message));
      case 'response':
        return this.#respond(message);
      case 'shutdown':
        return void this.shutDown();
    }
  }

  async #request(plugin: PluginKey, capability: Capability, values: string): Promise<RequestAnswer> {
    if (this.#connection?.isWelcome !== true) return { error: away };
    const id = String((this.#lastRequest += 1));
    const { promise, resolve } = Promise.withResolvers<RequestAnswer>();
    this.#requests.set(id, resolve);
    this.#send({ type: 'request', id, plugin, capability, arguments: JSON.parse(values) as unknown[] });
    return promise;
  }

  #respond({ id, value, error }: ExecutorOrder & { type: 'response' }): void {
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
    // First, or the next call would come to a process that is about to end, and be taken for the reason.
    this.#send({ type: 'leaving' });
    if (culprit !== undefined) this.#send({ type: 'ended', plugin: culprit.plugin, error });
    await this.#abandon('the memory of all plugins together is exceeded');
  }

  async #abandon(reason: string): Promise<void> {
    await this.#connection?.end();
    this.#options.abandon(reason);
  }

  #send(message: RunnerMessage): void {
    if (this.#connection?.isWelcome === true) this.#connection.send(message);
  }
}

/**
 * To who asked, and to nobody else: the next executor counts from 1 again.
 *
 * @param work resolves to JSON or to nothing
 */
async function answer(connection: ExecutorConnection, id: string, work: Promise<string | void>): Promise<void> {
  try {
    const json = await work;
    const value = json === undefined ? {} : { value: JSON.parse(json) as unknown };
    connection.send({ type: 'result', id, ...value });
  } catch (error) {
    connection.send({ type: 'result', id, error: protocolError(error) });
  }
}
