import type { Socket } from 'node:net';
import { type ExecutorMessage, LineSplitter, type RunnerMessage, runnerProtocol } from '@autoweave/crds';
import { parseRunnerMessage } from '@autoweave/crds/validators';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';

export interface RunnerConnectionListener {
  receive(message: RunnerMessage): void;
  /** Told once. */
  closed(reason: string): void;
}

/** The executor's end of the runner protocol. What comes in may be hostile. */
export class RunnerConnection {
  readonly #socket: Socket;
  readonly #silence: NodeJS.Timeout;
  #listener: RunnerConnectionListener | undefined;
  #closed: string | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const splitter = new LineSplitter(runnerProtocol.maxMessageBytes);
    // Not socket.setTimeout, which our own pings would keep from ever firing.
    const { silenceSeconds } = runnerProtocol;
    this.#silence = setTimeout(() => {
      this.close(`the runner was silent for ${silenceSeconds} s`);
    }, silenceSeconds * 1000);
    socket.on('data', (chunk: Buffer) => {
      this.#silence.refresh();
      try {
        for (const line of splitter.push(chunk)) this.#receive(line);
      } catch (error) {
        this.close(errorMessage(error));
      }
    });
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.close('the runner disconnected'));
  }

  listen(listener: RunnerConnectionListener): void {
    this.#listener = listener;
    if (this.#closed !== undefined) listener.closed(this.#closed);
  }

  /** @throws AutoWeaveError AW_SOURCE_TOO_LARGE when the runner would refuse its size */
  send(message: ExecutorMessage): void {
    const line = `${JSON.stringify(message)}\n`;
    if (Buffer.byteLength(line) > runnerProtocol.maxMessageBytes) {
      throw new AutoWeaveError('AW_SOURCE_TOO_LARGE', `a message of ${line.length} characters is too long to send`);
    }
    if (this.#socket.writable) this.#socket.write(line);
  }

  close(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    clearTimeout(this.#silence);
    this.#socket.destroy();
    this.#listener?.closed(reason);
  }

  #receive(line: string): void {
    if (this.#closed !== undefined) return;
    const parsed = parseRunnerMessage(line);
    if (parsed.ok) this.#listener?.receive(parsed.value);
    else this.close(`AW_PROTOCOL_VIOLATION: ${parsed.failure.message}`);
  }
}
