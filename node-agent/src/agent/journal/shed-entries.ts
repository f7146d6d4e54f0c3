import type { JournalEntry } from './device-record.ts';

export interface ShedOptions {
  readonly limit: number;
  /** Entries up to this position are in the stream. */
  readonly acknowledged: number;
  /** Positions of the last entry of each device. */
  readonly lastOfDevice: ReadonlySet<number>;
}

/**
 * Which entries to keep when there is room for `limit` only: acknowledged ones go first, then those that a later entry
 * of the same device supersedes, then the rest; of each kind the oldest.
 */
export function shedEntries(entries: readonly JournalEntry[], options: ShedOptions): JournalEntry[] {
  const worth = ({ position }: JournalEntry): number => {
    if (position <= options.acknowledged) return 0;
    return options.lastOfDevice.has(position) ? 2 : 1;
  };
  const excess = Math.max(0, entries.length - options.limit);
  const byWorth = entries.toSorted((a, b) => worth(a) - worth(b) || a.position - b.position);
  const dropped = new Set(byWorth.slice(0, excess));
  return entries.filter((entry) => !dropped.has(entry));
}
