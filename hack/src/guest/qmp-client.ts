import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onJsonLine, sendJsonLine } from './inside/json-lines.ts';

/** The commands we use, as the QEMU Machine Protocol defines them. */
export interface QmpCommands {
  qmp_capabilities: { arguments: Record<string, never>; result: unknown };
  device_add: { arguments: QmpDevice; result: unknown };
  device_del: { arguments: { readonly id: string }; result: unknown };
  'blockdev-add': {
    arguments: QmpProperties & { readonly driver: string; readonly 'node-name': string };
    result: unknown;
  };
  'blockdev-del': { arguments: { readonly 'node-name': string }; result: unknown };
  'chardev-add': {
    arguments: { readonly id: string; readonly backend: { readonly type: string; readonly data: QmpProperties } };
    result: unknown;
  };
  'chardev-remove': { arguments: { readonly id: string }; result: unknown };
  'human-monitor-command': { arguments: { readonly 'command-line': string }; result: string };
  'qom-get': { arguments: { readonly path: string; readonly property: string }; result: string };
  'qom-list': {
    arguments: { readonly path: string };
    result: readonly { readonly name: string; readonly type: string }[];
  };
  system_reset: { arguments: Record<string, never>; result: unknown };
}

export type QmpProperties = Readonly<Record<string, string | number | boolean>>;

/** `driver`, `id`, and properties of the driver, e.g. `bus`, `port`, `serial`. */
export type QmpDevice = QmpProperties & { readonly driver: string; readonly id: string };

export interface QmpEvent {
  /** E.g. DEVICE_DELETED. */
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** QEMU refused a command. */
export class QmpError extends Error {
  override readonly name = 'QmpError';
  /** E.g. GenericError, DeviceNotFound. */
  readonly errorClass: string;

  constructor(command: string, error: { readonly class: string; readonly desc: string }) {
    super(`${command}: ${error.desc}`);
    this.errorClass = error.class;
  }
}

interface QmpMessage extends Partial<QmpEvent> {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

type Waiter = PromiseWithResolvers<QmpMessage>;

/** Talks to a QEMU over its monitor socket. */
export class QmpClient {
  readonly #socket: Socket;
  readonly #answers = new Map<number, Waiter>();
  readonly #eventListeners = new Set<(event: QmpEvent) => void>();
  #lastId = 0;

  /** @throws Error when nothing listens at `path`. */
  static async connect(path: string): Promise<QmpClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    const client = new QmpClient(socket);
    await client.execute('qmp_capabilities', {});
    return client;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    onJsonLine(socket, (message) => this.#receive(message as QmpMessage));
    socket.on('close', () => {
      for (const { reject } of this.#answers.values()) reject(new Error('QEMU closed the monitor connection'));
      this.#answers.clear();
    });
  }

  /** @throws QmpError when QEMU refuses. */
  async execute<Name extends keyof QmpCommands>(
    name: Name,
    parameters: QmpCommands[Name]['arguments'],
  ): Promise<QmpCommands[Name]['result']> {
    if (this.#socket.destroyed) throw new Error('QEMU closed the monitor connection');
    this.#lastId += 1;
    const waiter = Promise.withResolvers<QmpMessage>();
    this.#answers.set(this.#lastId, waiter);
    sendJsonLine(this.#socket, { execute: name, arguments: parameters, id: this.#lastId });
    const answer = await waiter.promise;
    if (answer.error !== undefined) throw new QmpError(name, answer.error);
    return answer.return;
  }

  /** The next event that `matches`. Ask before causing it. */
  nextEvent(matches: (event: QmpEvent) => boolean, signal: AbortSignal): Promise<QmpEvent> {
    const { promise, resolve, reject } = Promise.withResolvers<QmpEvent>();
    const listener = (event: QmpEvent): void => {
      if (matches(event)) resolve(event);
    };
    const abort = (): void => reject(signal.reason);
    this.#eventListeners.add(listener);
    signal.addEventListener('abort', abort, { once: true });
    return promise.finally(() => {
      this.#eventListeners.delete(listener);
      signal.removeEventListener('abort', abort);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(message: QmpMessage): void {
    if (message.id !== undefined) {
      this.#answers.get(message.id)?.resolve(message);
      this.#answers.delete(message.id);
    }
    const { event, data } = message;
    if (event === undefined) return;
    for (const listener of this.#eventListeners) listener(data === undefined ? { event } : { event, data });
  }
}
