import type { Worker } from 'node:worker_threads';
import type { Capability, PluginBundle, ProtocolError } from '@autoweave/crds';
import type { PluginSandbox, SandboxCall, SandboxOptions } from '../plugin-sandbox.ts';
import { protocolError, RunnerError } from '../runner-error.ts';
import type { FromIsolate, ToIsolate } from './thread-messages.ts';
import type { ThreadPool } from './thread-pool.ts';

/** How much later than the deadline the thread may say so itself. */
const graceMilliseconds = 2000;
const longestStopMilliseconds = 5000;
const disposeMilliseconds = 1000;

interface Outstanding {
  readonly resolve: (value: string | undefined) => void;
  readonly reject: (error: RunnerError) => void;
}

/** A plugin in an isolate on a thread that nobody else uses meanwhile. */
export class IsolateSandbox implements PluginSandbox {
  readonly #pool: ThreadPool;
  readonly #thread: Worker;
  readonly #options: SandboxOptions;
  readonly #running = new Int32Array(new SharedArrayBuffer(4));
  readonly #free = Promise.withResolvers<void>();
  readonly #unlisten: () => void;
  #outstanding: Outstanding | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #state: 'new' | 'loaded' | 'ended' = 'new';

  constructor(pool: ThreadPool, options: SandboxOptions) {
    this.#pool = pool;
    this.#thread = pool.take();
    this.#options = options;
    const receive = (message: FromIsolate): void => this.#receive(message);
    const failed = (error: Error): void => this.#ended(protocolError(error));
    this.#thread.on('message', receive).on('error', failed);
    this.#unlisten = () => this.#thread.off('message', receive).off('error', failed);
  }

  get busy(): boolean {
    return Atomics.load(this.#running, 0) === 1;
  }

  async load(bundle: PluginBundle): Promise<void> {
    const { memoryMegabytes, timeoutMilliseconds } = this.#options;
    const running = this.#running;
    try {
      await this.#ask({ type: 'load', bundle, memoryMegabytes, timeoutMilliseconds, running }, timeoutMilliseconds);
      this.#state = 'loaded';
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  call({ hook, argument, timeoutMilliseconds }: SandboxCall): Promise<string | undefined> {
    return this.#ask({ type: 'call', hook, argument, timeoutMilliseconds }, timeoutMilliseconds);
  }

  async stop(): Promise<void> {
    if (this.#state === 'loaded' && this.#outstanding === undefined) await this.#runOnStop();
    if (this.#state !== 'ended') {
      this.#state = 'ended';
      this.#settle((call) => call.reject(new RunnerError('AW_PLUGIN_ENDED', 'the plugin was unloaded meanwhile')));
      this.#send({ type: 'dispose' });
    }
    // While code of the plugin runs the thread hears nothing; it comes free at the deadline.
    await withinMilliseconds(this.#free.promise, disposeMilliseconds);
  }

  async #runOnStop(): Promise<void> {
    const timeoutMilliseconds = Math.min(this.#options.timeoutMilliseconds, longestStopMilliseconds);
    const argument = JSON.stringify({ context: { deadline: Date.now() + timeoutMilliseconds } });
    try {
      await this.#ask({ type: 'call', hook: 'onStop', argument, timeoutMilliseconds }, timeoutMilliseconds);
    } catch (error) {
      this.#options.listener.log({ level: 'warn', message: 'onStop failed', fields: { ...protocolError(error) } });
    }
  }

  async #ask(message: ToIsolate, timeoutMilliseconds: number): Promise<string | undefined> {
    if (this.#state === 'ended') throw new RunnerError('AW_PLUGIN_ENDED', 'the isolate of the plugin ended');
    if (this.#outstanding !== undefined) throw new RunnerError('AW_PROTOCOL_VIOLATION', 'another hook still runs');
    return new Promise((resolve, reject) => {
      this.#outstanding = { resolve, reject };
      this.#watchdog = setTimeout(() => this.#overdue(), timeoutMilliseconds + graceMilliseconds);
      this.#send(message);
    });
  }

  #receive(message: FromIsolate): void {
    const { listener } = this.#options;
    switch (message.type) {
      case 'log':
        return listener.log(message);
      case 'request':
        return void this.#forward(message);
      case 'settled':
        clearTimeout(this.#watchdog);
        return this.#settle(({ resolve, reject }) => {
          if (message.error === undefined) resolve(message.value);
          else reject(runnerErrorOf(message.error));
        });
      case 'ended':
        return this.#ended(message.error);
      case 'free':
        return this.#release();
    }
  }

  async #forward({ id, capability, values }: FromIsolate & { type: 'request' }): Promise<void> {
    const answer = await this.#options.listener.request(capability as Capability, values);
    if (this.#state !== 'ended') this.#send({ type: 'response', id, ...answer });
  }

  /** isolated-vm did not stop the code at its deadline: it hangs in something that V8 cannot interrupt. */
  #overdue(): void {
    this.#ended({ code: 'AW_PLUGIN_TIMEOUT', message: 'it did not answer before its deadline' });
    this.#options.listener.stuck();
  }

  #ended(error: ProtocolError): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#options.listener.ended(error);
    this.#settle((call) => call.reject(runnerErrorOf(error)));
  }

  #release(): void {
    clearTimeout(this.#watchdog);
    this.#unlisten();
    this.#pool.giveBack(this.#thread);
    this.#free.resolve();
  }

  #settle(end: (call: Outstanding) => void): void {
    const call = this.#outstanding;
    this.#outstanding = undefined;
    if (call !== undefined) end(call);
  }

  #send(message: ToIsolate): void {
    this.#thread.postMessage(message);
  }
}

/** The code comes from a table of ours, through a thread of ours. */
function runnerErrorOf({ code, message }: ProtocolError): RunnerError {
  return new RunnerError(code as RunnerError['code'], message);
}

async function withinMilliseconds(work: Promise<void>, milliseconds: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, late]);
  clearTimeout(timer);
}
