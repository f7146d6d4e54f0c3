export interface RecentEvent<E> {
  readonly event: E;
  /** How often it happened, the first time included. */
  readonly count: number;
  readonly lastObservedAt: Date;
}

interface Entry<E> {
  readonly event: E;
  count: number;
  lastObservedAt: Date;
  /** Pending write of the count. */
  timer: NodeJS.Timeout | undefined;
}

export interface RecentEventsOptions<E> {
  /** Between the writes of one event. */
  readonly intervalMilliseconds: number;
  /** Must not throw. */
  readonly write: (event: RecentEvent<E>) => Promise<void>;
  /** After this time without a repetition the next one is a new event. Default 6 minutes. */
  readonly forgetMilliseconds?: number;
  /** The longest unrepeated is forgotten first. Default 1000. */
  readonly maximumEntries?: number;
}

/** Counts repetitions of events, and writes the counts at a bounded rate. */
export class RecentEvents<E> {
  readonly #options: Required<RecentEventsOptions<E>>;
  /** In the order of the last repetition. */
  readonly #entries = new Map<string, Entry<E>>();

  constructor(options: RecentEventsOptions<E>) {
    this.#options = { forgetMilliseconds: 360_000, maximumEntries: 1000, ...options };
  }

  /** @returns false when there is no such recent event. */
  repeat(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    if (Date.now() - entry.lastObservedAt.getTime() > this.#options.forgetMilliseconds) {
      void this.#forget(key, entry);
      return false;
    }
    entry.count += 1;
    entry.lastObservedAt = new Date();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.timer ??= setTimeout(() => void this.#write(entry), this.#options.intervalMilliseconds);
    return true;
  }

  add(key: string, event: E): void {
    this.#entries.set(key, { event, count: 1, lastObservedAt: new Date(), timer: undefined });
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#options.maximumEntries) break;
      void this.#forget(oldest, entry);
    }
  }

  /** For an event that could not be written in the first place. */
  remove(key: string): void {
    clearTimeout(this.#entries.get(key)?.timer);
    this.#entries.delete(key);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#entries].map(([key, entry]) => this.#forget(key, entry)));
  }

  async #forget(key: string, entry: Entry<E>): Promise<void> {
    this.#entries.delete(key);
    if (entry.timer !== undefined) await this.#write(entry);
  }

  async #write(entry: Entry<E>): Promise<void> {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    const { event, count, lastObservedAt } = entry;
    await this.#options.write({ event, count, lastObservedAt });
  }
}
