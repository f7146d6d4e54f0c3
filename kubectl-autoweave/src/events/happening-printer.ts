import type { Session } from '../session.ts';
import { paint } from '../terminal/colour.ts';
import { streamedText } from '../terminal/documents.ts';
import { Table, type Row } from '../terminal/table.ts';
import type { Happening } from './happening.ts';

const header = ['TIME', 'TYPE', 'REASON', 'NODE', 'OBJECT', 'MESSAGE'];

/** Writes happenings as they come, one line or document each. */
export class HappeningPrinter {
  readonly #session: Session;
  readonly #table: Table;

  constructor(session: Session) {
    this.#session = session;
    const { output, headers } = session;
    this.#table = new Table({ header: headers ? header : undefined, paint: output.colours ? paint : undefined });
  }

  async print(happenings: readonly Happening[]): Promise<void> {
    if (happenings.length === 0) return;
    const { output, format } = this.#session;
    if (format === 'table') return output.writeLines(this.#table.lines(happenings.map(rowOf)));
    for (const happening of happenings) await output.write(streamedText(happening, format));
  }
}

function rowOf({ time, type, reason, node = '', device, plugin, message, count }: Happening): Row {
  const times = count === undefined ? '' : ` (${count} times)`;
  return [
    time.replace(/\.\d+(?=Z|[+-])/, ''),
    type === 'Warning' ? { text: type, colour: 'yellow' } : type,
    reason,
    node,
    plugin ?? device ?? '',
    `${message}${times}`,
  ];
}
