/** Columns as wide as their widest cell, three spaces apart, as kubectl prints them. */
export function tableText(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_title, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => padEnd(cell, widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function padEnd(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}

/** In what a reader takes for characters; a terminal may still show some of them wider. */
function widthOf(text: string): number {
  return Array.from(new Intl.Segmenter('en').segment(text)).length;
}
