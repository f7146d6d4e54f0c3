import { setTimeout as delay } from 'node:timers/promises';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import { logTail } from './log-tail.ts';

/** Something that should keep running. */
export interface Part {
  readonly name: string;
  readonly logFile: string;
  isAlive(): Promise<boolean>;
  /** Resolves when it is ready again; without effect while it is alive. */
  restart(): Promise<void>;
}

export interface SupervisorOptions {
  readonly parts: readonly Part[];
  readonly tell: (line: string) => void;
  /** A part ends again and again. Called once. */
  readonly onGiveUp: (error: AutoWeaveError) => void;
  /** Between two looks at a part, and before the first restart of one. Default 500. */
  readonly intervalMilliseconds?: number;
}

const maximumRestarts = 5;
const restartsCountedMilliseconds = 60_000;

/** Starts what ends again, after showing the end of its log; gives up on what ends again and again. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #interval: number;
  readonly #stopping = new AbortController();
  #watching: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#interval = options.intervalMilliseconds ?? 500;
  }

  start(): void {
    this.#watching = Promise.all(this.#options.parts.map((part) => this.#watch(part)));
  }

  /** Nothing is restarted after this; a restart under way is left to whoever stops the part. */
  stop(): void {
    this.#stopping.abort();
  }

  /** For tests: no part is watched any more. */
  async stopped(): Promise<void> {
    await this.#watching;
  }

  async #watch(part: Part): Promise<void> {
    const endings: number[] = [];
    while (await this.#pause(this.#interval)) {
      if (await part.isAlive()) continue;
      if (this.#stopping.signal.aborted) return;
      endings.push(Date.now());
      const recent = endings.filter((at) => at > Date.now() - restartsCountedMilliseconds).length;
      await this.#report(part, recent);
      if (recent > maximumRestarts) return;
      if (!(await this.#pause(this.#interval * 2 ** (recent - 1)))) return;
      await this.#restart(part);
    }
  }

  async #report({ name, logFile }: Part, endings: number): Promise<void> {
    const { tell, onGiveUp } = this.#options;
    tell(`${name} ended; the end of ${logFile}:`);
    for (const line of (await logTail(logFile)).split('\n')) tell(`  | ${line}`);
    if (endings <= maximumRestarts) return tell(`${name} is started again`);
    const message = `${name} ended ${endings} times within a minute; its log is ${logFile}`;
    return onGiveUp(new AutoWeaveError('AW_LOCAL_SERVER_FAILED', message));
  }

  async #restart(part: Part): Promise<void> {
    try {
      await part.restart();
    } catch (error) {
      // Not alive at the next look: told then, with the log.
      if (!this.#stopping.signal.aborted) this.#options.tell(`${part.name} did not start: ${firstLine(error)}`);
    }
  }

  /** False when it is time to stop. */
  async #pause(milliseconds: number): Promise<boolean> {
    const { signal } = this.#stopping;
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}

function firstLine(error: unknown): string {
  return errorMessage(error).split('\n', 1)[0] ?? '';
}
