import { errorMessage } from '@autoweave/platform/errors';
import type { Logger } from '@autoweave/platform/telemetry';
import type { UsbEdgeListener, UsbEdgeSource } from '../ports.ts';

/** As in UsbNode `status.sources`. */
export interface SourceStatus {
  readonly name: string;
  readonly state: 'Active' | 'Failed' | 'Unavailable';
  readonly message?: string;
}

const firstRetryMilliseconds = 1000;
const longestRetryMilliseconds = 60_000;

/** Keeps one edge source going: starts it again, ever later, when it fails. */
export class EdgeSourceKeeper {
  readonly source: UsbEdgeSource;
  readonly #listener: UsbEdgeListener;
  readonly #logger: Logger;
  #failure: string | undefined = 'not started';
  #retryMilliseconds = firstRetryMilliseconds;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(source: UsbEdgeSource, listener: UsbEdgeListener, logger: Logger) {
    this.source = source;
    this.#logger = logger.child({ source: source.name });
    this.#listener = listener;
  }

  get isActive(): boolean {
    return this.#failure === undefined;
  }

  get status(): SourceStatus {
    const { name } = this.source;
    return this.#failure === undefined ? { name, state: 'Active' } : { name, state: 'Failed', message: this.#failure };
  }

  /** Does not throw: a source that cannot start is tried again. */
  async start(): Promise<void> {
    try {
      await this.source.start({ ...this.#listener, failed: (error) => this.#failed(error) });
      if (this.#stopped) {
        await this.source.stop();
        return;
      }
      this.#failure = undefined;
      this.#retryMilliseconds = firstRetryMilliseconds;
      this.#logger.info('USB edge source started');
    } catch (error) {
      this.#failed(error);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.source.stop();
  }

  #failed(error: unknown): void {
    if (this.#stopped) {
      return;
    }
    this.#failure = errorMessage(error);
    this.#logger.warn({ err: error, retryMilliseconds: this.#retryMilliseconds }, 'USB edge source failed');
    this.#timer = setTimeout(() => void this.#restart(), this.#retryMilliseconds);
    this.#retryMilliseconds = Math.min(this.#retryMilliseconds * 2, longestRetryMilliseconds);
    this.#listener.failed(error instanceof Error ? error : new Error(errorMessage(error)));
  }

  /** What happened while it was silent is found by the scan that this asks for. */
  async #restart(): Promise<void> {
    await this.start();
    if (this.isActive) {
      this.#listener.hint(`${this.source.name} listens again`);
    }
  }
}
