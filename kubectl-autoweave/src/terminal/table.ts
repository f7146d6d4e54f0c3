import type { Colour } from './colour.ts';
import { lineText } from './safe-text.ts';

/** A text, which may be of others, and its colour. */
export type Cell = string | { readonly text: string; readonly colour: Colour };
export type Row = readonly Cell[];
export type Paint = (text: string, colour: Colour) => string;

export interface TableOptions {
  /** Left out when undefined. */
  readonly header?: readonly string[] | undefined;
  /** Undefined: without colours. */
  readonly paint?: Paint | undefined;
}

/** Columns as wide as their widest cell so far, three spaces apart, as kubectl prints them. */
export class Table {
  readonly #options: TableOptions;
  readonly #widths: number[] = [];
  #isHeaderDue: boolean;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#isHeaderDue = options.header !== undefined;
  }

  /** Line by line, without line ends; before the first the header. */
  *lines(rows: readonly Row[]): Generator<string> {
    const { header = [], paint } = this.#options;
    if (this.#isHeaderDue) this.#widen(header);
    for (const row of rows) this.#widen(row);
    if (this.#isHeaderDue) yield line(header, this.#widths, undefined);
    this.#isHeaderDue = false;
    for (const row of rows) yield line(row, this.#widths, paint);
  }

  #widen(row: Row): void {
    for (const [column, cell] of row.entries()) {
      this.#widths[column] = Math.max(this.#widths[column] ?? 0, widthOf(lineText(textOf(cell))));
    }
  }
}

function line(row: Row, widths: readonly number[], paint: Paint | undefined): string {
  const last = row.findLastIndex((cell) => textOf(cell) !== '');
  const cells = row.slice(0, last + 1).map((cell, column) => {
    const text = lineText(textOf(cell));
    const padding = column === last ? '' : ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(text)));
    return `${typeof cell === 'string' || paint === undefined ? text : paint(text, cell.colour)}${padding}`;
  });
  return cells.join('   ');
}

export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

const segmenter = new Intl.Segmenter('en');
const ascii = /^[\u0020-\u007e]*$/;
/** Scripts, symbols and emoji that a terminal shows two columns wide. */
const wide =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;

/** In columns of a terminal. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}
