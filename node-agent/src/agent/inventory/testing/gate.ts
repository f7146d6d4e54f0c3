/** Holds back what begins with this label until it is opened. */
export class Gate {
  readonly #label: string;
  readonly #opened = Promise.withResolvers<void>();
  readonly #reached = Promise.withResolvers<void>();

  constructor(label: string) {
    this.#label = label;
  }

  /** Resolves when something is held back. */
  get waiting(): Promise<void> {
    return this.#reached.promise;
  }

  readonly pass = async (label: string): Promise<void> => {
    if (label.startsWith(this.#label)) {
      this.#reached.resolve();
      await this.#opened.promise;
    }
  };

  open(): void {
    this.#opened.resolve();
  }
}
