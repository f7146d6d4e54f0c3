import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ExecutorMessage, LineSplitter, type RunnerMessage, runnerProtocol } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { vi } from 'vitest';
import type { RunnerAuthenticator, RunnerClaim, RunnerIdentity } from '../ports.ts';
import { patient } from './executor-bench.ts';

/** Knows runners by tokens that a test made up. */
export class KnownTokens implements RunnerAuthenticator {
  readonly identities = new Map<string, RunnerIdentity>();
  /** Thrown instead of an answer. */
  failure: AutoWeaveError | undefined;

  async identify({ token }: RunnerClaim): Promise<RunnerIdentity> {
    if (this.failure !== undefined) throw this.failure;
    const identity = this.identities.get(token);
    if (identity !== undefined) return identity;
    throw new AutoWeaveError('AW_RUNNER_REFUSED', 'nobody knows this token');
  }
}

type Call = ExecutorMessage & { readonly type: 'call' };

export interface ScriptedRunnerOptions {
  readonly port: number;
  readonly token: string;
  /** What it returns from a hook; a promise that never settles: it hangs. */
  readonly onCall?: ((call: Call, runner: ScriptedRunner) => unknown) | undefined;
}

/** A runner without plugins, which does what a test says. */
export class ScriptedRunner {
  readonly received: ExecutorMessage[] = [];
  readonly #socket: Socket;
  readonly #onCall: ScriptedRunnerOptions['onCall'];

  private constructor(socket: Socket, { onCall }: ScriptedRunnerOptions) {
    this.#socket = socket;
    this.#onCall = onCall;
    const splitter = new LineSplitter(runnerProtocol.maxMessageBytes);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) void this.#receive(JSON.parse(line) as ExecutorMessage);
    });
  }

  /** Dials and says hello; does not wait for the answer. */
  static async dial(options: ScriptedRunnerOptions): Promise<ScriptedRunner> {
    const { port, token } = options;
    const socket = connect(port, '127.0.0.1');
    const runner = new ScriptedRunner(socket, options);
    await once(socket, 'connect');
    runner.send({ type: 'hello', version: 1, namespace: 'ns', token });
    return runner;
  }

  /** Dials, and is welcomed. */
  static async arrive(options: ScriptedRunnerOptions): Promise<ScriptedRunner> {
    const runner = await ScriptedRunner.dial(options);
    await runner.has('welcome');
    return runner;
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  types(): string[] {
    return this.received.map(({ type }) => type).filter((type) => type !== 'ping');
  }

  async has(type: ExecutorMessage['type']): Promise<void> {
    await vi.waitFor(() => {
      if (!this.types().includes(type)) throw new Error(`it heard ${this.types().join(', ')}`);
    }, patient);
  }

  send(message: RunnerMessage): void {
    this.write(`${JSON.stringify(message)}\n`);
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  async #receive(message: ExecutorMessage): Promise<void> {
    this.received.push(message);
    if (message.type === 'ping') this.send({ type: 'pong' });
    if (message.type === 'load' || message.type === 'unload') this.send({ type: 'result', id: message.id });
    if (message.type !== 'call') return;
    const value = await this.#onCall?.(message, this);
    this.send({ type: 'result', id: message.id, ...(value === undefined ? {} : { value }) });
  }
}
