import { type LanePlaces, shareKey } from './lane-windows.ts';

/** Places in lanes, while a plan takes them. */
export class PlacesLeft {
  readonly #free: Map<string, number>;
  readonly #held: Map<string, number>;
  readonly #share: number;

  constructor({ free, held, share }: LanePlaces) {
    this.#free = new Map(free);
    this.#held = new Map(held);
    this.#share = share;
  }

  /** In a lane; for jobs of a plugin when it is given. */
  of(node: string, plugin?: string): number {
    const free = this.#free.get(node) ?? 0;
    if (plugin === undefined) return free;
    return Math.min(free, this.#share - (this.#held.get(shareKey(node, plugin)) ?? 0));
  }

  take(node: string, plugin: string): void {
    const key = shareKey(node, plugin);
    this.#free.set(node, this.of(node) - 1);
    this.#held.set(key, (this.#held.get(key) ?? 0) + 1);
  }
}
