import type { ChartValue } from './chart-values.ts';

/** Markdown: one table of all values, and their defaults. */
export function valuesTable(values: readonly ChartValue[]): string {
  const rows = leaves(values).map(({ path, description, value }) => {
    const text = JSON.stringify(value) ?? '';
    return `| \`${path}\` | \`${text.replaceAll('|', '\\|')}\` | ${description.replaceAll('|', '\\|')} |`;
  });
  return ['| Value | Default | What it is |', '| --- | --- | --- |', ...rows].join('\n');
}

function leaves(values: readonly ChartValue[]): readonly ChartValue[] {
  return values.flatMap((value) => (value.children === undefined ? [value] : leaves(value.children)));
}
