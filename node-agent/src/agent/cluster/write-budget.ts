export interface WriteBudgetOptions {
  /** Writes that may go out at once after a quiet time. */
  readonly burst: number;
  readonly perSecond: number;
  /** Between two writes of one object. */
  readonly spacingMilliseconds: number;
  /** Milliseconds, never running backwards. Default: performance.now. */
  readonly now?: () => number;
}

/**
 * What one node may ask of the API server: a bucket of writes, handed out in the order of asking, and a pause between
 * writes of one object. Whoever has to wait keeps its place, so changes meanwhile cost nothing more.
 */
export class WriteBudget {
  readonly #options: WriteBudgetOptions;
  readonly #now: () => number;
  /** When it is the turn of those who wait. */
  readonly #waiting = new Map<string, number>();
  /** Times of recent writes, oldest first. */
  readonly #written = new Map<string, number>();
  #tokens: number;
  #refilledAt: number;

  constructor(options: WriteBudgetOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#tokens = options.burst;
    this.#refilledAt = this.#now();
  }

  /** @returns Milliseconds to wait before asking again; 0 means: write now. */
  take(key: string): number {
    const now = this.#now();
    const due = this.#waiting.get(key) ?? this.#reserve(key, now);
    if (due > now) {
      this.#waiting.set(key, due);
      return Math.ceil(due - now);
    }
    this.#waiting.delete(key);
    this.#written.delete(key);
    this.#written.set(key, now);
    this.#forgetOldWrites(now);
    return 0;
  }

  /** Nothing is left to write for this key. */
  forget(key: string): void {
    this.#waiting.delete(key);
  }

  /** @returns When the key may be written. */
  #reserve(key: string, now: number): number {
    const { burst, perSecond, spacingMilliseconds } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#refilledAt) / 1000) * perSecond) - 1;
    this.#refilledAt = now;
    const paid = this.#tokens >= 0 ? now : now + (-this.#tokens / perSecond) * 1000;
    const spaced = (this.#written.get(key) ?? Number.NEGATIVE_INFINITY) + spacingMilliseconds;
    return Math.max(paid, spaced);
  }

  #forgetOldWrites(now: number): void {
    for (const [key, at] of this.#written) {
      if (now - at < this.#options.spacingMilliseconds) break;
      this.#written.delete(key);
    }
  }
}
