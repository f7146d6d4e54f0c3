import { nodeLabels } from '@autoweave/crds';

export interface NodeLabelsWorld {
  /** Those of our prefixes, as the node has them. */
  readonly known: Labels;
  /** Every device that is or was at the node. */
  readonly sightings: readonly Sighting[];
  /** Every placement label that may exist, by its key. */
  readonly placements: ReadonlyMap<string, PlacementTerms>;
  readonly memory: Memory;
  /** All times: milliseconds since 1970. */
  readonly now: number;
}

export type Labels = Readonly<Record<string, string>>;

/** A device at a node. */
export interface Sighting {
  readonly present: boolean;
  /** When it came or went, by the clock of the node. */
  readonly since: number | undefined;
  /** Keys of the labels that it stands for. */
  readonly labels: readonly string[];
}

export interface PlacementTerms {
  readonly graceMilliseconds: number;
  /** Label that says the same for the runner of the plugin's namespace; undefined for a plugin with pods of its own. */
  readonly runnerLabel: string | undefined;
}

/** What this process saw of the labels of a node, by key. A new process knows nothing, and goes by what the agents wrote. */
export type Memory = ReadonlyMap<string, Loss>;

interface Loss {
  /** When the last device that stands for the label went; Infinity while one is there. */
  readonly at: number;
  /** The same by the clock of the node: another time is another loss. */
  readonly seen: number | undefined;
}

export interface NodeLabelsPlan {
  readonly labels: Labels;
  readonly memory: Memory;
  /** When a label is to go though nothing happens; undefined: never. */
  readonly dueAt: number | undefined;
}

/** A device that is reset, or enumerates anew, is away for up to this long; nobody should be told. */
export const flapMilliseconds = 5_000;

/** Which labels of ours a node should have. One comes with the first device, and goes some time after the last one. */
export function planNodeLabels(world: NodeLabelsWorld): NodeLabelsPlan {
  const { known, now, placements } = world;
  const seen = lastSeen(world.sightings);
  const memory = new Map<string, Loss>();
  const kept: string[] = [];
  let dueAt = Infinity;
  for (const label of new Set([...seen.keys(), ...Object.keys(known)])) {
    const grace = graceOf(label, placements);
    if (grace === undefined) continue;
    const lostAt = lossTime(label, { ...world, seen: seen.get(label) });
    if (lostAt !== Infinity && (known[label] === undefined || lostAt + grace <= now)) continue;
    kept.push(label);
    memory.set(label, { at: lostAt, seen: seen.get(label) });
    dueAt = Math.min(dueAt, lostAt + grace);
  }
  return { labels: labelsOf(kept, placements), memory, dueAt: dueAt === Infinity ? undefined : dueAt };
}

/** Undefined for a label that nothing may keep. */
function graceOf(label: string, placements: NodeLabelsWorld['placements']): number | undefined {
  if (label.startsWith(nodeLabels.presencePrefix)) return flapMilliseconds;
  return placements.get(label)?.graceMilliseconds;
}

/** By label: when the last device that stands for it went; Infinity while one is there, undefined when unknown. */
function lastSeen(sightings: readonly Sighting[]): ReadonlyMap<string, number | undefined> {
  const times = new Map<string, number | undefined>();
  for (const { labels, present, since } of sightings) {
    for (const label of labels) {
      const time = Math.max(times.get(label) ?? -Infinity, present ? Infinity : (since ?? -Infinity));
      times.set(label, time === -Infinity ? undefined : time);
    }
  }
  return times;
}

/** What this process saw itself counts more than what a node says by another clock. Never in the future. */
function lossTime(
  label: string,
  { memory, now, seen }: Pick<NodeLabelsWorld, 'memory' | 'now'> & { readonly seen: number | undefined },
): number {
  if (seen === Infinity) return Infinity;
  const known = memory.get(label);
  if (known === undefined) return Math.min(seen ?? now, now);
  return known.at === Infinity || known.seen !== seen ? now : Math.min(known.at, now);
}

function labelsOf(kept: readonly string[], placements: NodeLabelsWorld['placements']): Labels {
  const labels: Record<string, string> = {};
  for (const label of kept) {
    labels[label] = 'true';
    const runnerLabel = placements.get(label)?.runnerLabel;
    if (runnerLabel !== undefined) labels[runnerLabel] = 'true';
  }
  return labels;
}
