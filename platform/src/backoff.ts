export interface BackoffBounds {
  readonly firstMilliseconds: number;
  readonly longestMilliseconds: number;
}

/**
 * Doubles with every failure in a row, up to the longest; then between half and all of it, so that clients that
 * failed together do not come back together.
 *
 * @param failures in a row, from 1
 */
export function backoffMilliseconds(
  failures: number,
  { firstMilliseconds, longestMilliseconds }: BackoffBounds,
  random: () => number = Math.random,
): number {
  const doubled = firstMilliseconds * 2 ** Math.min(failures - 1, 30);
  return Math.ceil(Math.min(doubled, longestMilliseconds) * (0.5 + random() / 2));
}
