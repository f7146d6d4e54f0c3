import type { StatusRow } from './cluster-status.ts';

const columns = ['kind', 'name', 'state', 'detail'] as const;

/** Columns as wide as their widest cell. */
export function statusTable(rows: readonly StatusRow[]): string {
  const lines = [columns.map((name) => name.toUpperCase()), ...rows.map((row) => columns.map((name) => row[name]))];
  const widths = columns.map((_name, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
