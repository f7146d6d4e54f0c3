/** A token bucket. `now` counts milliseconds and never goes back. */
export class RateLimiter {
  readonly #options: Required<RateLimiterOptions>;
  #tokens: number;
  #filledAt: number;
  #refused = 0;

  constructor({ perSecond, burst, now = () => performance.now() }: RateLimiterOptions) {
    this.#options = { perSecond, burst, now };
    this.#tokens = burst;
    this.#filledAt = now();
  }

  /** Whether one more may pass now. */
  take(): boolean {
    this.#fill();
    if (this.#tokens < 1) {
      this.#refused += 1;
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  /** How many were refused since the last time this was asked. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }

  /** As much as ever may pass at once: nothing has for a while. */
  get isFull(): boolean {
    this.#fill();
    return this.#tokens >= this.#options.burst;
  }

  #fill(): void {
    const { perSecond, burst, now } = this.#options;
    const time = now();
    this.#tokens = Math.min(burst, this.#tokens + ((time - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = time;
  }
}

export interface RateLimiterOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly now?: () => number;
}
