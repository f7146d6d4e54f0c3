/** Lets one loop sleep until somebody has work for it. A wake-up while nobody sleeps is not kept: look first, then sleep. */
export class WakeUp {
  #sleeper = Promise.withResolvers<void>();

  wake(): void {
    this.#sleeper.resolve();
    this.#sleeper = Promise.withResolvers();
  }

  sleep(): Promise<void> {
    return this.#sleeper.promise;
  }
}
