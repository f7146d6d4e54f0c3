interface DelayedKey {
  readonly dueAt: number;
  readonly timer: NodeJS.Timeout;
}

/** Tells keys when their time has come. Of several times for one key the earliest counts. */
export class DelayedKeys {
  readonly #due: (key: string) => void;
  readonly #keys = new Map<string, DelayedKey>();

  constructor(due: (key: string) => void) {
    this.#due = due;
  }

  add(key: string, milliseconds: number): void {
    const dueAt = performance.now() + milliseconds;
    const existing = this.#keys.get(key);
    if (existing !== undefined && existing.dueAt <= dueAt) return;
    clearTimeout(existing?.timer);
    const timer = setTimeout(() => {
      this.#keys.delete(key);
      this.#due(key);
    }, milliseconds);
    this.#keys.set(key, { dueAt, timer });
  }

  clear(): void {
    for (const { timer } of this.#keys.values()) clearTimeout(timer);
    this.#keys.clear();
  }
}
