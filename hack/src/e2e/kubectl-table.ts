/** The rows of a table that kubectl printed, by column. A cell begins where the title of its column does. */
export function kubectlRows(text: string): Record<string, string>[] {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const titles = [...header.matchAll(/\S+/g)].map(({ 0: title, index }) => ({ title, index }));
  return lines.map((line) => {
    const cells = titles.map(({ title, index }, column) => {
      const end = titles[column + 1]?.index;
      return [title, line.slice(index, end).trim()] as const;
    });
    return Object.fromEntries(cells);
  });
}
