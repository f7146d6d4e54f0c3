/** Many share it, or one has it alone. Who wants it alone goes before who comes later. */
export class SharedLock {
  #shared = 0;
  #alone = false;
  readonly #queue: { readonly alone: boolean; readonly enter: () => void }[] = [];

  async share<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter(false);
    try {
      return await work();
    } finally {
      this.#shared -= 1;
      this.#admit();
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter(true);
    try {
      return await work();
    } finally {
      this.#alone = false;
      this.#admit();
    }
  }

  #enter(alone: boolean): Promise<void> {
    return new Promise((enter) => {
      this.#queue.push({ alone, enter });
      this.#admit();
    });
  }

  #admit(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#alone || (next.alone && this.#shared > 0)) return;
      this.#queue.shift();
      if (next.alone) this.#alone = true;
      else this.#shared += 1;
      next.enter();
    }
  }
}
