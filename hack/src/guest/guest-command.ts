import { connect, type Socket } from 'node:net';
import type { CommandRequest, OutputReply, Reply, SignalRequest } from './inside/protocol.ts';
import { onJsonLine, sendJsonLine } from './inside/json-lines.ts';

export interface GuestCommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** In the guest; the repository is at /autoweave. */
  readonly directory?: string;
  /** Standard input. */
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Sees output as it comes. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

export interface GuestCommandResult {
  /** As a shell tells it. */
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs in a guest. It is killed when the connection to it ends. */
export class GuestCommand {
  /** Fails when the guest stops before the command ended. */
  readonly result: Promise<GuestCommandResult>;
  readonly #socket: Socket;
  #stdout = '';
  #stderr = '';

  constructor(port: number, request: CommandRequest, { signal, onOutput }: GuestCommandOptions = {}) {
    const { promise, resolve, reject } = Promise.withResolvers<GuestCommandResult>();
    this.result = promise;
    // Whoever only starts a command need not wait for its result.
    promise.catch(() => undefined);
    this.#socket = connect({ host: '127.0.0.1', port, ...(signal === undefined ? {} : { signal }) });
    this.#socket.on('close', () => reject(new Error(`The guest ended the connection of ${request.command}`)));
    onJsonLine(this.#socket, (message) => {
      const reply = message as Reply;
      if ('exit' in reply) {
        resolve({ exit: reply.exit, ...this.output });
        this.#socket.destroy();
      } else {
        this.#collect(reply);
        onOutput?.(reply.text, reply.stream);
      }
    });
    sendJsonLine(this.#socket, request);
  }

  /** What the command wrote until now. */
  get output(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#stdout, stderr: this.#stderr };
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    sendJsonLine(this.#socket, { signal } satisfies SignalRequest);
  }

  #collect({ stream, text }: OutputReply): void {
    if (stream === 'stdout') this.#stdout += text;
    else this.#stderr += text;
  }
}
