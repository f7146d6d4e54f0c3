import type { Clock } from '../../ports.ts';

const intervalMilliseconds = 100;

/**
 * Keeps passes over one plugin apart while only its results come in, hundreds a second, and each asks for a pass. A plugin
 * that has changed is not held up.
 */
export class PassPace {
  readonly #clock: Clock;
  readonly #passes = new Map<string, { readonly version: string | undefined; readonly startedAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns milliseconds until a pass over this version may begin; 0: it begins now. */
  begin(key: string, version: string | undefined): number {
    const now = this.#clock.now();
    const last = this.#passes.get(key);
    const elapsed = now - (last?.startedAt ?? 0);
    // A clock that was set back counts as time gone by.
    if (last?.version === version && elapsed >= 0 && elapsed < intervalMilliseconds)
      return intervalMilliseconds - elapsed;
    this.#passes.set(key, { version, startedAt: now });
    return 0;
  }

  forget(key: string): void {
    this.#passes.delete(key);
  }
}
