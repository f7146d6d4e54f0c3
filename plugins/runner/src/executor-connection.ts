import { connect, type Socket } from 'node:net';
import { type ExecutorMessage, LineSplitter, type RunnerMessage, runnerProtocol } from '@autoweave/crds';
import { parseExecutorMessage } from '@autoweave/crds/validators';

export interface ExecutorConnectionOptions {
  readonly socketPath: string;
  readonly receive: (message: ExecutorMessage) => void;
  /** Told once. `reason` is undefined when the connection ended in order. */
  readonly closed: (reason: Error | undefined) => void;
}

/** The runner's end of the runner protocol. */
export class ExecutorConnection {
  readonly #socket: Socket;

  constructor({ socketPath, receive, closed }: ExecutorConnectionOptions) {
    const splitter = new LineSplitter(runnerProtocol.maxMessageBytes);
    let failure: Error | undefined;
    this.#socket = connect(socketPath);
    // Not socket.setTimeout, which what we send would keep from ever firing.
    const { silenceSeconds } = runnerProtocol;
    const silence = setTimeout(() => {
      this.#socket.destroy(new Error(`the executor was silent for ${silenceSeconds} s`));
    }, silenceSeconds * 1000);
    this.#socket.on('data', (chunk: Buffer) => {
      silence.refresh();
      try {
        for (const line of splitter.push(chunk)) receive(parsed(line));
      } catch (error) {
        this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    this.#socket.on('error', (error) => (failure = error));
    this.#socket.on('close', () => {
      clearTimeout(silence);
      closed(failure);
    });
  }

  send(message: RunnerMessage): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Resolves when everything sent has left the process. */
  async end(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.end(() => this.#socket.destroy());
    await closed;
  }
}

function parsed(line: string): ExecutorMessage {
  const result = parseExecutorMessage(line);
  if (!result.ok) throw new Error(`the executor broke the protocol: ${result.failure.message}`);
  return result.value;
}
