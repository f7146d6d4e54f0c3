import type { Socket } from 'node:net';
import { type ExecutorMessage, type RunnerMessage, runnerProtocol } from '@autoweave/crds';
import { parseRunnerMessage } from '@autoweave/crds/validators';
import { MessageSocket } from '../connection/message-socket.ts';

export interface PluginConnectionListener {
  /** It said hello. */
  arrived(): void;
  receive(message: RunnerMessage): void;
  /** It works on something, and need not answer pings meanwhile. */
  isBusy(): boolean;
  full(isFull: boolean): void;
  /** Told once. `wasCut`: by us. */
  closed(reason: string, wasCut: boolean): void;
}

/** The sidecar's end towards the plugin container, which may be hostile, broken, or written in a hurry. */
export class PluginConnection {
  readonly #messages: MessageSocket<RunnerMessage, ExecutorMessage>;
  readonly #listener: PluginConnectionListener;
  readonly #heartbeat: NodeJS.Timeout;
  #silentSince = performance.now();
  #greeted = false;
  #cut: string | undefined;

  constructor(socket: Socket, listener: PluginConnectionListener) {
    this.#listener = listener;
    this.#messages = new MessageSocket<RunnerMessage, ExecutorMessage>(socket, {
      parse: parseRunnerMessage,
      receive: (message) => this.#receive(message),
      full: (isFull) => listener.full(isFull),
      closed: (reason) => {
        clearInterval(this.#heartbeat);
        listener.closed(this.#cut ?? reason?.message ?? 'it disconnected', this.#cut !== undefined);
      },
    });
    this.#heartbeat = setInterval(() => this.#beat(), runnerProtocol.heartbeatSeconds * 1000);
  }

  send(message: ExecutorMessage): void {
    this.#messages.send(message);
  }

  pause(isPaused: boolean): void {
    this.#messages.pause(isPaused);
  }

  cut(reason: string): void {
    this.#cut ??= reason;
    this.#messages.destroy(reason);
  }

  /** Resolves when everything sent has left the process. */
  end(): Promise<void> {
    return this.#messages.end();
  }

  #receive(message: RunnerMessage): void {
    if (this.#greeted) return this.#listener.receive(message);
    if (message.type !== 'hello') return this.cut(`AW_PROTOCOL_VIOLATION: it said ${message.type} before hello`);
    this.#greeted = true;
    this.send({ type: 'welcome', version: runnerProtocol.version });
    return this.#listener.arrived();
  }

  /** A plugin in one thread answers when its hook has ended; how long that may take is for the relay to see. */
  #beat(): void {
    const { silenceSeconds, helloSeconds } = runnerProtocol;
    if (this.#greeted && this.#listener.isBusy()) this.#silentSince = performance.now();
    const silence = performance.now() - Math.max(this.#silentSince, this.#messages.lastHeardAt);
    const allowed = this.#greeted ? silenceSeconds : helloSeconds;
    if (silence > allowed * 1000) return this.cut(`it was silent for ${allowed} s`);
    if (this.#greeted) this.send({ type: 'ping' });
  }
}
