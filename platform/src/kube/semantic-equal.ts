/**
 * Whether two JSON values say the same to the API server: the order of keys does not matter, and a field that is
 * undefined or null is one that is not there.
 */
export function semanticEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isAbsent(left) || isAbsent(right)) return isAbsent(left) && isAbsent(right);
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (Array.isArray(left)) return Array.isArray(right) && sameItems(left, right);
  return !Array.isArray(right) && sameFields(left, right);
}

function sameItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => semanticEqual(item, right[index]));
}

function sameFields(left: object, right: object): boolean {
  const fields = new Map(Object.entries(right));
  for (const [name, value] of Object.entries(left)) {
    if (!semanticEqual(value, fields.get(name))) return false;
    fields.delete(name);
  }
  return [...fields.values()].every(isAbsent);
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
