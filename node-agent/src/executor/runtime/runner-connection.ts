import type { Socket } from 'node:net';
import { type ExecutorMessage, LineSplitter, type RunnerMessage, runnerProtocol } from '@autoweave/crds';
import { parseRunnerMessage } from '@autoweave/crds/validators';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';

export interface RunnerConnectionListener {
  receive(message: RunnerMessage): void;
  /** Told once. */
  closed(reason: string): void;
}

/**
 * The executor's end of the runner protocol. What comes in may be hostile: the first line has to be short, and
 * nothing is read from a peer that does not read what it is sent.
 */
export class RunnerConnection {
  readonly #socket: Socket;
  readonly #silence: NodeJS.Timeout;
  readonly #splitter = new LineSplitter(runnerProtocol.maxHelloBytes);
  #listener: RunnerConnectionListener | undefined;
  #closed: string | undefined;
  #holds = 0;
  #draining = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Not socket.setTimeout, which our own pings would keep from ever firing.
    const { silenceSeconds } = runnerProtocol;
    this.#silence = setTimeout(() => {
      if (this.#holds > 0) this.#silence.refresh();
      else this.close(`the runner was silent for ${silenceSeconds} s`);
    }, silenceSeconds * 1000);
    socket.on('data', (chunk: Buffer) => {
      this.#silence.refresh();
      try {
        for (const line of this.#splitter.push(chunk)) this.#receive(line);
      } catch (error) {
        this.close(errorMessage(error));
      }
    });
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.close('the runner disconnected'));
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  listen(listener: RunnerConnectionListener): void {
    this.#listener = listener;
    if (this.#closed !== undefined) listener.closed(this.#closed);
  }

  /** The runner is known now: its lines may be long. */
  welcome(): void {
    this.#splitter.maxBytes = runnerProtocol.maxMessageBytes;
    this.send({ type: 'welcome', version: runnerProtocol.version });
  }

  /** @throws AutoWeaveError AW_SOURCE_TOO_LARGE when the runner would refuse its size */
  send(message: ExecutorMessage): void {
    const line = `${JSON.stringify(message)}\n`;
    if (Buffer.byteLength(line) > runnerProtocol.maxMessageBytes) {
      throw new AutoWeaveError('AW_SOURCE_TOO_LARGE', `a message of ${line.length} characters is too long to send`);
    }
    if (!this.#socket.writable || this.#socket.write(line) || this.#draining) return;
    this.#draining = true;
    this.#readOrPause();
    this.#socket.once('drain', () => {
      this.#draining = false;
      this.#readOrPause();
    });
  }

  /** Reads no more until `release` was called as often. Meanwhile the runner need not answer. */
  hold(): void {
    this.#holds += 1;
    this.#readOrPause();
  }

  release(): void {
    this.#holds -= 1;
    this.#readOrPause();
  }

  /** Sends a last message, if there is one, and what was sent before. */
  close(reason: string, last?: ExecutorMessage): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    clearTimeout(this.#silence);
    if (last === undefined) this.#socket.destroy();
    else this.#socket.end(`${JSON.stringify(last)}\n`, () => this.#socket.destroy());
    this.#listener?.closed(reason);
  }

  #readOrPause(): void {
    if (this.#holds > 0 || this.#draining) this.#socket.pause();
    else this.#socket.resume();
  }

  #receive(line: string): void {
    if (this.#closed !== undefined) return;
    const parsed = parseRunnerMessage(line);
    if (parsed.ok) this.#listener?.receive(parsed.value);
    else this.close(`AW_PROTOCOL_VIOLATION: ${parsed.failure.message}`);
  }
}
