import type { ErrorCode, ExecutorMessage, PluginKey, ProtocolError, RunnerMessage } from '@autoweave/crds';
import { runnerProtocol } from '@autoweave/crds';
import { AutoWeaveError, isErrorCode } from '@autoweave/platform/errors';
import type { RunnerConnection } from './runner-connection.ts';
import { RunnerLost } from './runner-lost.ts';

/** A message that the runner answers with `result`. */
export type Question = Distribute<ExecutorMessage & { readonly id: string; readonly plugin: PluginKey }>;
type Distribute<Message> = Message extends unknown ? Omit<Message, 'id'> : never;
type CapabilityRequest = RunnerMessage & { readonly type: 'request' };
export type PluginLogMessage = RunnerMessage & { readonly type: 'log' };

export interface RunnerSessionListener {
  /** Serves a capability. @throws AutoWeaveError when it is refused */
  serve(request: CapabilityRequest): Promise<unknown>;
  log(message: PluginLogMessage): void;
  pluginEnded(plugin: PluginKey, error: ProtocolError): void;
  /** It takes no more calls. */
  leaving(): void;
  closed(reason: string): void;
}

interface Pending {
  readonly plugin: PluginKey;
  readonly overdue: NodeJS.Timeout;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AutoWeaveError) => void;
}

/** Requests that are served at once; more are not read before some are answered. */
const maxRequests = 64;

/** A runner that has been welcomed, for as long as it is connected. */
export class RunnerSession {
  readonly #connection: RunnerConnection;
  readonly #listener: RunnerSessionListener;
  readonly #pending = new Map<string, Pending>();
  readonly #heartbeat: NodeJS.Timeout;
  #requests = 0;
  #lastId = 0;
  #lost: RunnerLost | undefined;

  constructor(connection: RunnerConnection, listener: RunnerSessionListener) {
    this.#connection = connection;
    this.#listener = listener;
    this.#heartbeat = setInterval(() => connection.send({ type: 'ping' }), runnerProtocol.heartbeatSeconds * 1000);
    connection.listen({ receive: (message) => this.#receive(message), closed: (reason) => this.#closed(reason) });
  }

  /**
   * @param patienceSeconds far longer than the runner itself lets a plugin run; one that has not answered then is
   * broken, or hostile, and is disconnected
   * @returns the value of the answer
   * @throws AutoWeaveError with the code of the answer
   * @throws RunnerLost
   */
  async ask(question: Question, patienceSeconds: number): Promise<unknown> {
    if (this.#lost !== undefined) throw this.#lost;
    const id = String((this.#lastId += 1));
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(() => this.#overdue(id), patienceSeconds * 1000);
      this.#pending.set(id, { plugin: question.plugin, overdue, resolve, reject });
      try {
        this.#connection.send({ ...question, id } as ExecutorMessage);
      } catch (error) {
        this.#take(id);
        reject(error);
      }
    });
  }

  /** Asks the runner to unload everything and to end. */
  shutDown(): void {
    this.#connection.send({ type: 'shutdown' });
  }

  close(reason: string): void {
    this.#connection.close(reason);
  }

  #receive(message: RunnerMessage): void {
    switch (message.type) {
      case 'result':
        return this.#answered(message);
      case 'request':
        return void this.#serve(message);
      case 'log':
        return this.#listener.log(message);
      case 'ended':
        return this.#pluginEnded(message.plugin, message.error);
      case 'leaving':
        return this.#listener.leaving();
      case 'hello':
        return this.close('AW_PROTOCOL_VIOLATION: it said hello twice');
      case 'pong':
    }
  }

  /** What is answered after its plugin ended is no news. */
  #answered({ id, value, error }: RunnerMessage & { type: 'result' }): void {
    const pending = this.#take(id);
    if (error === undefined) pending?.resolve(value);
    else pending?.reject(pluginError(error));
  }

  #overdue(id: string): void {
    this.#take(id)?.reject(new AutoWeaveError('AW_PLUGIN_TIMEOUT', 'the runner did not end the hook at its deadline'));
    this.close('it did not answer long after the deadline of a hook');
  }

  async #serve(request: CapabilityRequest): Promise<void> {
    const { id } = request;
    this.#requests += 1;
    if (this.#requests === maxRequests) this.#connection.hold();
    try {
      const value = await this.#listener.serve(request);
      this.#connection.send({ type: 'response', id, ...(value === undefined ? {} : { value }) });
    } catch (error) {
      this.#connection.send({ type: 'response', id, error: protocolError(error) });
    } finally {
      if (this.#requests === maxRequests) this.#connection.release();
      this.#requests -= 1;
    }
  }

  /** The runner may end right after it has told this, and then answers no more. */
  #pluginEnded(plugin: PluginKey, error: ProtocolError): void {
    this.#listener.pluginEnded(plugin, error);
    for (const [id, { plugin: asked }] of this.#pending) {
      if (asked.name === plugin.name) this.#take(id)?.reject(pluginError(error));
    }
  }

  #closed(reason: string): void {
    clearInterval(this.#heartbeat);
    this.#lost = new RunnerLost(reason);
    for (const id of this.#pending.keys()) this.#take(id)?.reject(this.#lost);
    this.#listener.closed(reason);
  }

  #take(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    clearTimeout(pending?.overdue);
    this.#pending.delete(id);
    return pending;
  }
}

/** What a runner may say of its plugins. Other codes mean something to this process, or are of another version. */
const codesOfRunners: ReadonlySet<string> = new Set<ErrorCode>([
  'AW_JOB_INVALID',
  'AW_PERMISSION_DENIED',
  'AW_PLUGIN_ENDED',
  'AW_PLUGIN_LOAD_FAILED',
  'AW_PLUGIN_OUT_OF_MEMORY',
  'AW_PLUGIN_THREW',
  'AW_PLUGIN_TIMEOUT',
  'AW_REDIS_UNREACHABLE',
  'AW_RESULT_INVALID',
  'AW_RESULT_TOO_LARGE',
  'AW_STORE_FULL',
]);

function pluginError({ code, message }: ProtocolError): AutoWeaveError {
  const isKnown = isErrorCode(code) && codesOfRunners.has(code);
  return new AutoWeaveError(isKnown ? code : 'AW_PROTOCOL_VIOLATION', message);
}

function protocolError(error: unknown): ProtocolError {
  if (error instanceof AutoWeaveError) return { code: error.code, message: error.message };
  return { code: 'AW_REDIS_UNREACHABLE', message: 'the store did not answer' };
}
