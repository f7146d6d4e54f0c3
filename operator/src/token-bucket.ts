export interface TokenBucketOptions {
  readonly burst: number;
  readonly perSecond: number;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/** Lets through `burst` at once and `perSecond` in the long run. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledAt: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAt = options.now();
  }

  get isEmpty(): boolean {
    this.#fill();
    return this.#tokens < 1;
  }

  /** @returns false when it is empty. */
  take(): boolean {
    if (this.isEmpty) return false;
    this.#tokens -= 1;
    return true;
  }

  #fill(): void {
    const { burst, perSecond, now } = this.#options;
    const at = now();
    this.#tokens = Math.min(burst, this.#tokens + ((at - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = at;
  }
}
