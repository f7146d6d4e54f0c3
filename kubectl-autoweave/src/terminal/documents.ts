import { Document, isScalar, Scalar, visit } from 'yaml';
import type { Output } from './output.ts';
import { isUnsafe, safeJson, safeYaml } from './safe-text.ts';

export type DocumentFormat = 'json' | 'yaml';

/** One value, as a document of its own. */
export function documentText(value: unknown, format: DocumentFormat): string {
  if (format === 'json') return `${safeJson(JSON.stringify(value, undefined, 2))}\n`;
  return yamlText(value);
}

/** One of many values: JSON on one line, or YAML that begins with `---`. */
export function streamedText(value: unknown, format: DocumentFormat): string {
  return format === 'json' ? `${safeJson(JSON.stringify(value))}\n` : `---\n${yamlText(value)}`;
}

/** `{"<key>": [ … ], …rest}`, written item by item, so that a long list never stands in memory as text. */
export async function writeList(
  output: Output,
  format: DocumentFormat,
  list: { readonly key: string; readonly items: Iterable<unknown>; readonly rest?: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { key, items, rest = {} } = list;
  let count = 0;
  const opening = format === 'json' ? `{\n  ${JSON.stringify(key)}: [` : `${key}:`;
  await output.write(opening);
  for (const item of items) {
    await output.write(
      format === 'json'
        ? `${count > 0 ? ',' : ''}\n${indented(documentText(item, 'json'), 4)}`
        : yamlItem(item, count === 0),
    );
    count += 1;
  }
  await output.write(
    format === 'json'
      ? `${count > 0 ? '\n  ' : ''}]${jsonRest(rest)}\n}\n`
      : `${count > 0 ? '' : ' []\n'}${yamlRest(rest)}`,
  );
}

function yamlItem(item: unknown, first: boolean): string {
  const text = indented(yamlText(item), 4);
  return `${first ? '\n' : ''}  - ${text.slice(4)}\n`;
}

function jsonRest(rest: Readonly<Record<string, unknown>>): string {
  return Object.entries(rest)
    .map(([key, value]) => `,\n${indented(`${JSON.stringify(key)}: ${documentText(value, 'json')}`, 2)}`)
    .join('');
}

function yamlRest(rest: Readonly<Record<string, unknown>>): string {
  return Object.keys(rest).length === 0 ? '' : yamlText(rest);
}

function indented(text: string, columns: number): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, ' '.repeat(columns));
}

/** Quoted as parsers of YAML 1.1 need it, e.g. `"0781"` and times: many are in use. */
function yamlText(value: unknown): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === 'string' && mustBeQuoted(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return safeYaml(document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY }));
}

/** On one line, so that text can be indented. */
function mustBeQuoted(text: string): boolean {
  return text.includes('\n') || isUnsafe(text);
}
