import type { Socket } from 'node:net';
import { LineSplitter, runnerProtocol } from '@autoweave/crds';

type Parsed<Message> =
  | { readonly ok: true; readonly value: Message }
  | { readonly ok: false; readonly failure: { readonly message: string } };

export interface MessageSocketOptions<Incoming> {
  readonly parse: (line: string) => Parsed<Incoming>;
  readonly receive: (message: Incoming) => void;
  /** Told once. `reason` is undefined when the peer ended in order. */
  readonly closed: (reason: Error | undefined) => void;
  /** True: the peer does not read what it is sent, so do not give me more. Then false. */
  readonly full?: (isFull: boolean) => void;
}

/** One JSON object a line, each of them checked, over a stream socket. The first that does not fit ends it. */
export class MessageSocket<Incoming, Outgoing> {
  readonly #socket: Socket;
  readonly #options: MessageSocketOptions<Incoming>;
  #isFull = false;
  /** Milliseconds of performance.now when something came last. */
  lastHeardAt = performance.now();

  constructor(socket: Socket, options: MessageSocketOptions<Incoming>) {
    this.#socket = socket;
    this.#options = options;
    const splitter = new LineSplitter(runnerProtocol.maxMessageBytes);
    let failure: Error | undefined;
    socket.on('data', (chunk: Buffer) => {
      this.lastHeardAt = performance.now();
      try {
        for (const line of splitter.push(chunk)) this.#receive(line);
      } catch (error) {
        this.destroy(error instanceof Error ? error.message : String(error));
      }
    });
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => options.closed(failure));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  send(message: Outgoing): void {
    if (!this.#socket.writable) return;
    const isFull = !this.#socket.write(`${JSON.stringify(message)}\n`);
    if (!isFull || this.#isFull) return;
    this.#isFull = true;
    this.#options.full?.(true);
    this.#socket.once('drain', () => {
      this.#isFull = false;
      this.#options.full?.(false);
    });
  }

  /** Stops and goes on reading. */
  pause(isPaused: boolean): void {
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }

  destroy(reason: string): void {
    this.#socket.destroy(new Error(reason));
  }

  /** Resolves when everything sent has left the process. */
  async end(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.end(() => this.#socket.destroy());
    await closed;
  }

  #receive(line: string): void {
    if (this.#socket.destroyed) return;
    const parsed = this.#options.parse(line);
    if (parsed.ok) this.#options.receive(parsed.value);
    else throw new Error(`the peer broke the protocol: ${parsed.failure.message}`);
  }
}
