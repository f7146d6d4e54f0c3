import { declaredMetrics } from './declared-metrics.ts';
import { parsePromql } from './promql-expression.ts';

/** Added by the scrape: `node` by the PodMonitor of the chart. */
const targetLabels = ['container', 'endpoint', 'instance', 'job', 'namespace', 'node', 'pod', 'service'];

/** What Prometheus knows of us: names of series, and the labels each may have. */
export function knownSeries(): ReadonlyMap<string, readonly string[]> {
  const series = new Map<string, readonly string[]>([['up', targetLabels]]);
  for (const { name, type, labels } of declaredMetrics()) {
    const all = [...labels, ...targetLabels];
    if (type !== 'histogram') series.set(name, all);
    else for (const suffix of ['_bucket', '_sum', '_count']) series.set(name + suffix, [...all, 'le']);
  }
  return series;
}

/**
 * What an expression asks for that does not exist.
 *
 * @throws SyntaxError when it is no PromQL
 */
export function unknownTo(series: ReadonlyMap<string, readonly string[]>, expression: string): readonly string[] {
  const { selectors, groupingLabels } = parsePromql(expression);
  const known = new Set(selectors.flatMap(({ metric }) => series.get(metric) ?? []));
  return [
    ...selectors.map(({ metric }) => metric).filter((metric) => !series.has(metric)),
    ...selectors.flatMap(({ metric, labels }) =>
      labels.filter((label) => series.get(metric)?.includes(label) === false),
    ),
    ...groupingLabels.filter((label) => !known.has(label)),
  ];
}
