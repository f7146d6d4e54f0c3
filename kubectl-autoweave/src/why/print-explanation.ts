import { stateColours } from '../cluster/device-text.ts';
import type { Session } from '../session.ts';
import { since } from '../terminal/age.ts';
import { paint, type Colour } from '../terminal/colour.ts';
import { Table, type Row } from '../terminal/table.ts';
import type { ExplainedAttachment, ExplainedPlugin, Explanation, Finding, Verdict } from './explanation.ts';

const verdictColours = { Runs: 'green', Waits: 'yellow', Blocked: 'red', NoMatch: 'dim' } as const satisfies Record<
  Verdict,
  Colour
>;
const severityColours = { Info: 'dim', Warning: 'yellow', Blocks: 'red' } as const satisfies Record<
  Finding['severity'],
  Colour
>;
const qualities = {
  Serial: 'by its serial number, anywhere',
  Port: 'by node and port, since it has no serial number to trust',
  Ambiguous: 'by node and port, since another device told the same serial number',
} as const;

/** The device, what is found about it, and a line for each reason of each plugin. */
export async function printExplanation(session: Session, explanation: Explanation): Promise<void> {
  const { output, headers } = session;
  const colours = output.colours ? paint : undefined;
  const section = function* (rows: readonly Row[], header?: readonly string[]): Generator<string> {
    yield* new Table({ header: headers ? header : undefined, paint: colours }).lines(rows);
  };
  await output.writeLines(section(deviceRows(explanation, session.now())));
  const { findings, plugins } = explanation;
  if (findings.length > 0) {
    await output.writeLines(['', ...section(findings.map(findingRow), ['FINDING', 'WHAT'])]);
  }
  const rows =
    plugins.length === 0 ? [['(none)', '', 'there is no AutoWeavePlugin'] as const] : plugins.flatMap(pluginRows);
  await output.writeLines(['', ...section(rows, ['PLUGIN', 'VERDICT', 'WHY'])]);
}

function deviceRows({ device, attachments }: Explanation, now: number): readonly Row[] {
  const { name, alias, product, id, class: kind, serialNumber, identityQuality, state } = device;
  const rows: readonly Row[] = [
    ['Device', name],
    ['Alias', alias ?? ''],
    ['Product', [product, id, kind].filter((part) => part !== undefined).join(', ')],
    ['Serial', serialNumber ?? ''],
    ['Known', identityQuality === undefined ? '' : qualities[identityQuality]],
    ['State', { text: state, colour: stateColours[state] }],
  ];
  const places = attachments.map((attachment): Row => [
    attachment.present ? 'At' : 'Was at',
    placeText(attachment, now),
  ]);
  return [...rows.filter(([, value]) => value !== ''), ...places];
}

function placeText({ node, port, since: time, drivers }: ExplainedAttachment, now: number): string {
  const parts = [
    `node ${node}`,
    port === undefined ? '' : `port ${port}`,
    time === undefined ? '' : `since ${time} (${since(time, now)})`,
    drivers.length === 0 ? '' : `drivers ${drivers.join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function findingRow({ severity, message }: Finding): Row {
  return [{ text: severity, colour: severityColours[severity] }, message];
}

function pluginRows({ plugin, verdict, reasons, lastResult }: ExplainedPlugin): readonly Row[] {
  const lines = lastResult === undefined ? reasons : [...reasons, `last: ${lastResult}`];
  return lines.map((line, index) =>
    index === 0 ? [plugin, { text: verdict, colour: verdictColours[verdict] }, line] : ['', '', line],
  );
}
