import type { Happening } from './happening.ts';

export interface Selection {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly node?: string | undefined;
  readonly device?: string | undefined;
}

const rememberedIds = 200_000;

/** Lets through what is asked for, each thing once although two sources tell of it. */
export class HappeningFilter {
  readonly #selection: Selection;
  readonly #seen = new Set<string>();
  #isFollowing = false;

  constructor(selection: Selection) {
    this.#selection = selection;
  }

  /** From now on what was not told before is new, whatever the clock says of whoever wrote its time. */
  startFollowing(): void {
    this.#isFollowing = true;
  }

  isNew(happening: Happening): boolean {
    const { from, node, device } = this.#selection;
    if (node !== undefined && happening.node !== node) return false;
    if (device !== undefined && happening.device !== device) return false;
    const isFirst = this.#remember(identityOf(happening));
    return isFirst && (this.#isFollowing || Date.parse(happening.time) >= from);
  }

  #remember(id: string): boolean {
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    if (this.#seen.size > rememberedIds) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      return;
    }
  }
}

function identityOf({ hotplugEvent, device, time, reason, plugin, message, count }: Happening): string {
  return hotplugEvent === undefined
    ? JSON.stringify([reason, device, plugin, time, message, count])
    : JSON.stringify([hotplugEvent, device]);
}
