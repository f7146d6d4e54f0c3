export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Nearest rank. NaN of nothing. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}

export function percentiles(values: readonly number[]): Percentiles {
  return { p50: percentile(values, 0.5), p95: percentile(values, 0.95), p99: percentile(values, 0.99) };
}

/** Median and range, of what several rounds measured. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spread(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), least: Math.min(...values), most: Math.max(...values) };
}

/** Two-sided 95 % quantiles of Student's t by degrees of freedom; beyond the table it hardly falls. */
const studentQuantiles = new Map([
  [8, 2.306],
  [13, 2.16],
  [18, 2.101],
  [28, 2.048],
]);

export interface Slope {
  /** Units of y per unit of x. */
  readonly slope: number;
  /** Upper and lower end of the 95 % confidence interval. */
  readonly upper: number;
  readonly lower: number;
}

/** Least squares. @throws RangeError for fewer than ten points: an interval would mean nothing. */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): Slope {
  const freedom = points.length - 2;
  const quantile = [...studentQuantiles].findLast(([least]) => freedom >= least)?.[1];
  if (quantile === undefined) throw new RangeError(`A slope of ${points.length} points means nothing`);
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const squares = sum(points.map(({ x }) => (x - meanX) ** 2));
  const slope = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / squares;
  const residuals = sum(points.map(({ x, y }) => (y - meanY - slope * (x - meanX)) ** 2));
  const margin = quantile * Math.sqrt(residuals / freedom / squares);
  return { slope, upper: slope + margin, lower: slope - margin };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
