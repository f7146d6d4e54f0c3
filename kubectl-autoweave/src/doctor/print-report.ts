import type { Session } from '../session.ts';
import { paint, type Colour } from '../terminal/colour.ts';
import { documentText } from '../terminal/documents.ts';
import { Table, type Row } from '../terminal/table.ts';
import type { CheckResult, CheckStatus } from './check-result.ts';

const colours = { OK: 'green', WARN: 'yellow', FAIL: 'red' } as const satisfies Record<CheckStatus, Colour>;

/** One line a result, and below it what to do. */
export async function printReport(session: Session, checks: readonly CheckResult[]): Promise<void> {
  const { output, format, headers } = session;
  if (format !== 'table') return output.write(documentText({ checks }, format));
  const header = headers ? ['STATUS', 'CHECK', 'RESULT'] : undefined;
  const table = new Table({ header, paint: output.colours ? paint : undefined });
  return output.writeLines(table.lines(checks.flatMap(rowsOf)));
}

function rowsOf({ check, status, message, remedy }: CheckResult): readonly Row[] {
  const row: Row = [{ text: status, colour: colours[status] }, check, message];
  return remedy === undefined ? [row] : [row, ['', '', { text: `→ ${remedy}`, colour: 'bold' }]];
}
