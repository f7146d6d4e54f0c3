export type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

const codes = {
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  dim: [2, 22],
  bold: [1, 22],
} as const satisfies Record<Colour, readonly [on: number, off: number]>;

export function paint(text: string, colour: Colour): string {
  const [on, off] = codes[colour];
  return `\u{1b}[${on}m${text}\u{1b}[${off}m`;
}

/** On a terminal, unless NO_COLOR (no-color.org) is set or the terminal is a dumb one. */
export function wantsColours(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
