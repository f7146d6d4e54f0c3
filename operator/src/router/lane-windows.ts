/**
 * Of a lane, one plugin gets half at most: hooks that never answer must leave places to others. With less, a plugin that
 * answers at once would wait for the way to its node and back.
 */
const sharesOfLane = 2;

/** What lanes hold unfinished, for a plan. */
export interface LanePlaces {
  /** How many more jobs each lane takes; a lane without an entry takes none. */
  readonly free: ReadonlyMap<string, number>;
  /** How many jobs of a plugin a lane holds, by `shareKey`. */
  readonly held: ReadonlyMap<string, number>;
  /** How many jobs of one plugin a lane may hold. */
  readonly share: number;
}

/** @param plugin `<namespace>/<name>` */
export function shareKey(node: string, plugin: string): string {
  return `${node} ${plugin}`;
}

/**
 * How many jobs each lane holds unfinished, so that no lane gets more than `limit`, and no plugin more than its share of
 * it, and which rooms wait for a place.
 */
export class LaneWindows {
  readonly #limit: number;
  readonly #share: number;
  /** By node, plugin by job. Undefined for what was found in the lane. */
  readonly #jobs = new Map<string, Map<string, string | undefined>>();
  /** By node, or by `shareKey`. */
  readonly #rooms = new Map<string, Set<string>>();

  constructor(limit: number) {
    this.#limit = limit;
    this.#share = Math.ceil(limit / sharesOfLane);
  }

  /** A lane that was never read takes nothing. */
  knows(node: string): boolean {
    return this.#jobs.has(node);
  }

  places(): LanePlaces {
    const free = new Map([...this.#jobs].map(([node, jobs]) => [node, Math.max(0, this.#limit - jobs.size)]));
    return { free, held: this.#held(), share: this.#share };
  }

  take(node: string, id: string, plugin: string): void {
    this.#jobs.get(node)?.set(id, plugin);
  }

  /** @returns the rooms that waited longest for a place in this lane, and for one of the same plugin in it. */
  give(node: string, id: string): readonly string[] {
    const jobs = this.#jobs.get(node);
    const plugin = jobs?.get(id);
    jobs?.delete(id);
    const ofPlugin = plugin === undefined ? [] : this.#nextRooms(shareKey(node, plugin), 1);
    return [...this.#nextRooms(node, 1), ...ofPlugin];
  }

  /**
   * Sets a lane right from what Redis holds. What was taken while `read` ran stays taken.
   * @returns the rooms that now find a place.
   */
  async refresh(node: string, read: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const before = new Map(this.#jobs.get(node));
    const unfinished = await read();
    const now = this.#jobs.get(node) ?? new Map<string, string | undefined>();
    const takenSince = [...now].filter(([id]) => !before.has(id));
    const jobs = new Map([...unfinished.map((id) => [id, now.get(id)] as const), ...takenSince]);
    this.#jobs.set(node, jobs);
    const held = this.#held();
    const shares = [...this.#rooms.keys()].filter((key) => key.startsWith(shareKey(node, '')));
    return [
      ...this.#nextRooms(node, this.#limit - jobs.size),
      ...shares.flatMap((key) => this.#nextRooms(key, this.#share - (held.get(key) ?? 0))),
    ];
  }

  /** @param keys all that the room waits for now: nodes, and `shareKey`s */
  waitForPlace(keys: ReadonlySet<string>, room: string): void {
    for (const [key, rooms] of this.#rooms) {
      if (!keys.has(key)) rooms.delete(room);
    }
    for (const key of keys) {
      const rooms = this.#rooms.get(key) ?? new Set();
      this.#rooms.set(key, rooms.add(room));
    }
  }

  #held(): Map<string, number> {
    const held = new Map<string, number>();
    for (const [node, jobs] of this.#jobs) {
      for (const plugin of jobs.values()) {
        if (plugin === undefined) continue;
        const key = shareKey(node, plugin);
        held.set(key, (held.get(key) ?? 0) + 1);
      }
    }
    return held;
  }

  #nextRooms(key: string, count: number): readonly string[] {
    const waiting = this.#rooms.get(key) ?? new Set();
    const rooms = [...waiting].slice(0, Math.max(0, count));
    for (const room of rooms) waiting.delete(room);
    if (waiting.size === 0) this.#rooms.delete(key);
    return rooms;
  }
}
