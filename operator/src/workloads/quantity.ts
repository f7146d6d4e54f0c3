const units: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The lesser of two amounts of memory. One that cannot be read gives way: the API server would refuse it anyway. */
export function lesserQuantity(left: number | string, right: number | string | undefined): number | string {
  if (right === undefined) return left;
  return bytes(right) < bytes(left) ? right : left;
}

function bytes(quantity: number | string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(quantity)) ?? [];
  const factor = units[unit];
  return digits === '' || factor === undefined ? Infinity : Number(digits) * factor;
}
