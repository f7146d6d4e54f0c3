/** Runs one thing at a time, at the earliest of the times that were asked for. */
export class ScanTimer {
  readonly #run: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** `run` must not throw. */
  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /** Asks for a run within this time. A run that is under way does not count: it may have looked already. */
  within(milliseconds: number): void {
    const due = performance.now() + milliseconds;
    if (due < this.#due && !this.#stopped) {
      this.#due = due;
      this.#arm();
    }
  }

  /** Runs now, after a run that is under way, and resolves when done. */
  async runNow(): Promise<void> {
    while (this.#running) {
      await this.#running;
    }
    if (this.#stopped) {
      return;
    }
    clearTimeout(this.#timer);
    this.#due = Number.POSITIVE_INFINITY;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      this.#arm();
    });
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#running || this.#due === Number.POSITIVE_INFINITY) {
      return;
    }
    const delay = Math.max(0, this.#due - performance.now());
    this.#timer = setTimeout(() => void this.runNow(), delay);
  }
}
