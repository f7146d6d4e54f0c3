import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { GeneratedFile } from '../generate/generated-files.ts';
import { declaredMetrics, type DeclaredMetric } from './declared-metrics.ts';

const path = join(import.meta.dirname, '../../../docs/metrics.md');

const introduction = `# Metrics

<!-- Generated from the sources by \`npm run generate\`; do not edit. -->

Every process serves these at \`/metrics\` of its probe port, as Prometheus text: the operator at 8080, the agent at 8081, the executor
at 8082. With \`OTEL_EXPORTER_OTLP_ENDPOINT\` they are also sent to an OpenTelemetry collector, under the same names and with the same
labels; see [traces.md](traces.md).

Names are \`autoweave_<subsystem>_<what>_<unit>\` in base units; a histogram has \`_bucket\`, \`_sum\` and \`_count\`. Labels are bounded: a
value beyond the declared ones, or the hundredth, is \`other\`. Which node or replica a series is of is said by the labels that the scrape
adds (\`node\`, \`pod\`, \`job\`).
`;

interface Section {
  readonly title: string;
  /** Of the source, below the root of the repository. The first that matches takes a metric. */
  readonly path: RegExp;
}

const sections: readonly Section[] = [
  { title: 'Every process', path: /^platform\/src\/telemetry\// },
  { title: 'Informers, work queues, streams and Events', path: /^platform\// },
  { title: 'Agent', path: /^node-agent\/src\/agent\// },
  { title: 'Executor', path: /^node-agent\/src\/executor\// },
  { title: 'Operator', path: /^operator\// },
];

/** docs/metrics.md as it should be. */
export async function metricsDocument(): Promise<GeneratedFile> {
  const bySection = Map.groupBy(declaredMetrics(), sectionOf);
  const parts = sections.map((section) => `## ${section.title}\n\n${table(bySection.get(section) ?? [])}`);
  const options = { ...(await resolveConfig(path)), filepath: path };
  return { path, text: await format([introduction, ...parts].join('\n'), options) };
}

/** @throws Error for a metric that no section takes */
function sectionOf({ name, path: source }: DeclaredMetric): Section {
  const found = sections.find((section) => section.path.test(source));
  if (found === undefined) throw new Error(`docs/metrics.md has no section for ${name} of ${source}`);
  return found;
}

function table(metrics: readonly DeclaredMetric[]): string {
  const rows = metrics.map(
    ({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |`,
  );
  return ['| name | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}
