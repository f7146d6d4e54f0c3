/** Levels of nesting of any JSON that comes from outside: far more than data has, far fewer than end a JSON.stringify. */
export const maxJsonDepth = 64;

/** Whether arrays and objects are nested in one another deeper than `levels`. For what JSON.parse gave. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}
