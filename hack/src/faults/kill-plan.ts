export const victims = ['agent', 'executor', 'operator', 'redis', 'kube-apiserver'] as const;
export type Victim = (typeof victims)[number];

export interface Kill {
  readonly victim: Victim;
  /** Since the kill before was healed. */
  readonly afterMilliseconds: number;
  /** From the kill to the restart. */
  readonly awayMilliseconds: number;
}

/** Each victim `rounds` times, in an order and at moments that the random numbers decide. */
export function planKills(random: () => number, options: { victims: readonly Victim[]; rounds: number }): Kill[] {
  const once = (): Kill[] =>
    shuffled(options.victims, random).map((victim) => ({
      victim,
      afterMilliseconds: Math.round(200 + random() * 2_500),
      awayMilliseconds: Math.round(random() * 2_000),
    }));
  return Array.from({ length: options.rounds }, once).flat();
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.toSorted((left, right) => left.key - right.key).map(({ item }) => item);
}
