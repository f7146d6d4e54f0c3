import { connect, type NetConnectOpts } from 'node:net';
import { type ExecutorMessage, type RunnerMessage, runnerProtocol } from '@autoweave/crds';
import { parseExecutorMessage } from '@autoweave/crds/validators';
import { MessageSocket } from './message-socket.ts';

/** A Unix socket or a TCP port, as node:net wants it. */
export type ExecutorAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** Whom to dial, and what to say there. In the pod of a plugin that is its sidecar, which asks for no proof. */
export interface Executor {
  readonly address: ExecutorAddress;
  readonly namespace?: string;
  /** Asked before each dialling: a token in a file is replaced before it expires. */
  readonly token?: () => Promise<string>;
}

/** What a runner hears after its welcome. */
export type ExecutorOrder = Exclude<ExecutorMessage, { readonly type: 'welcome' | 'refused' | 'ping' }>;

export interface ExecutorConnectionOptions {
  readonly receive: (message: ExecutorOrder) => void;
  readonly welcomed: () => void;
  readonly full?: (isFull: boolean) => void;
}

/** How a connection ended; without a reason it ended in order. */
export interface ConnectionEnd {
  readonly welcomed: boolean;
  readonly reason?: Error | undefined;
}

const connectMilliseconds = 3000;

/** The runner's end of the runner protocol. Pings are answered here. */
export class ExecutorConnection {
  /** Never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  readonly #messages: MessageSocket<ExecutorMessage, RunnerMessage>;
  readonly #options: ExecutorConnectionOptions;
  #welcomed = false;

  /** @throws Error when the token cannot be read */
  static async dial(executor: Executor, options: ExecutorConnectionOptions): Promise<ExecutorConnection> {
    const { address, namespace, token } = executor;
    const proof = await token?.();
    const connection = new ExecutorConnection(address, options);
    const { version } = runnerProtocol;
    connection.send({
      type: 'hello',
      version,
      ...(namespace === undefined ? {} : { namespace }),
      ...(proof === undefined ? {} : { token: proof }),
    });
    return connection;
  }

  private constructor(address: ExecutorAddress, options: ExecutorConnectionOptions) {
    this.#options = options;
    const ended = Promise.withResolvers<ConnectionEnd>();
    this.ended = ended.promise;
    const socket = connect({ ...address, noDelay: true } as NetConnectOpts);
    const messages = new MessageSocket<ExecutorMessage, RunnerMessage>(socket, {
      parse: parseExecutorMessage,
      receive: (message) => this.#receive(message),
      closed: (reason) => {
        clearTimeout(connecting);
        clearInterval(silence);
        ended.resolve({ welcomed: this.#welcomed, reason });
      },
      full: (isFull) => options.full?.(isFull),
    });
    this.#messages = messages;
    // Where no endpoint is behind a Service, packets may be dropped without an answer.
    const connecting = setTimeout(() => messages.destroy('the executor cannot be reached'), connectMilliseconds);
    socket.once('connect', () => clearTimeout(connecting));
    const { silenceSeconds } = runnerProtocol;
    const silence = setInterval(() => {
      if (performance.now() - messages.lastHeardAt < silenceSeconds * 1000) return;
      messages.destroy(`the executor was silent for ${silenceSeconds} s`);
    }, 1000);
  }

  get isWelcome(): boolean {
    return this.#welcomed && this.#messages.isOpen;
  }

  send(message: RunnerMessage): void {
    this.#messages.send(message);
  }

  pause(isPaused: boolean): void {
    this.#messages.pause(isPaused);
  }

  /** Resolves when everything sent has left the process. */
  end(): Promise<void> {
    return this.#messages.end();
  }

  #receive(message: ExecutorMessage): void {
    if (message.type === 'refused') return this.#messages.destroy(`${message.error.code}: ${message.error.message}`);
    if (message.type === 'ping') return this.send({ type: 'pong' });
    if (message.type !== 'welcome') return this.#options.receive(message);
    this.#welcomed = true;
    return this.#options.welcomed();
  }
}
