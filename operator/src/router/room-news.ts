import type { RoomPlan } from './room-state.ts';

/**
 * Tells which news of a room are worth a look at it. What it keeps is of this process alone and only spares looks: a
 * sweep looks at every room whatever is known here.
 */
export class RoomNews {
  /** By room, since its last look: plugins of which an event has to wait for another wake-up. */
  readonly #held = new Map<string, ReadonlySet<string>>();
  /** Rooms that are being looked at. */
  readonly #looking = new Set<string>();
  /** Rooms that got events, since their last look, for which it did not matter. */
  readonly #unseen = new Set<string>();

  /** Runs one look at the room. What comes while it runs is news to it. */
  async look<Outcome extends Pick<RoomPlan, 'heldPlugins'>>(
    room: string,
    look: () => Promise<Outcome>,
  ): Promise<Outcome> {
    this.#held.delete(room);
    this.#unseen.delete(room);
    this.#looking.add(room);
    try {
      const outcome = await look();
      if (outcome.heldPlugins.size > 0) this.#held.set(room, outcome.heldPlugins);
      return outcome;
    } finally {
      this.#looking.delete(room);
    }
  }

  /** Whether events of these plugins, which stand in the room now, may change what can be done in it. */
  matters(room: string, plugins: readonly string[]): boolean {
    const held = this.#held.get(room);
    if (held === undefined || !plugins.every((plugin) => held.has(plugin))) return true;
    this.#unseen.add(room);
    return false;
  }

  /** To be asked when the last job was taken out of the room: false when a look may find, or may have found, another. */
  nothingUnseen(room: string): boolean {
    if (this.#looking.has(room) || this.#unseen.has(room)) return false;
    this.#held.delete(room);
    return true;
  }
}
