/** Runs work of one key in the order in which it came, one at a time; different keys at once. */
export class SerialQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Settles as the work does. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const tail = settled(result);
    this.#tails.set(key, tail);
    void this.#forget(key, tail);
    return result;
  }

  async #forget(key: string, tail: Promise<void>): Promise<void> {
    await tail;
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}

/** The next one comes after this one, however it ends. */
async function settled(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
