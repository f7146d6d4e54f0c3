import { LineCounter, parseDocument, isMap, isScalar, type YAMLMap } from 'yaml';

/** One key of values.yaml: what the file says of it, by value and by comment. */
export interface ChartValue {
  /** `redis.auth.password` */
  readonly path: string;
  readonly key: string;
  /** Comment above the key, as one paragraph; empty when there is none. */
  readonly description: string;
  /** Of the comment line `@schema`. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  /** Undefined for what a user gives as a whole: no object, or one whose keys are not ours. */
  readonly children?: readonly ChartValue[];
}

const schemaLine = /^@schema (.*)$/;

/** @throws Error naming the line of a comment that cannot be read. */
export function parseChartValues(text: string): readonly ChartValue[] {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  if (!isMap(document.contents)) throw new Error('values.yaml is no object');
  return new ValuesReader(text.split('\n'), lineCounter).read(document.contents, '');
}

class ValuesReader {
  readonly #lines: readonly string[];
  readonly #lineCounter: LineCounter;

  constructor(lines: readonly string[], lineCounter: LineCounter) {
    this.#lines = lines;
    this.#lineCounter = lineCounter;
  }

  read(map: YAMLMap, prefix: string): readonly ChartValue[] {
    return map.items.map((pair) => {
      const { key: node, value } = pair;
      if (!isScalar(node) || node.range == null) throw new Error(`a key below "${prefix}" is no text`);
      const key = String(node.value);
      const path = prefix === '' ? key : `${prefix}.${key}`;
      const comment = this.#commentAbove(this.#lineCounter.linePos(node.range[0]).line - 1);
      const schema = schemaOf(comment, path);
      const description = comment.filter((line) => !schemaLine.test(line)).join(' ');
      const plain = (pair.toJSON() as Readonly<Record<string, unknown>>)[key];
      const shared = { path, key, description, schema, value: plain };
      return isMap(value) && Object.keys(schema).length === 0
        ? { ...shared, children: this.read(value, path) }
        : shared;
    });
  }

  /** The lines of the comment that ends right above a line. */
  #commentAbove(line: number): readonly string[] {
    const comment: string[] = [];
    for (let index = line - 1; index >= 0; index -= 1) {
      const [, text] = /^\s*# ?(.*)$/.exec(this.#lines[index] ?? '') ?? [];
      if (text === undefined) break;
      comment.unshift(text.trim());
    }
    return comment;
  }
}

function schemaOf(comment: readonly string[], path: string): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = {};
  for (const line of comment) {
    const [, json] = schemaLine.exec(line) ?? [];
    if (json === undefined) continue;
    try {
      Object.assign(merged, JSON.parse(json));
    } catch (error) {
      throw new Error(`values.yaml: @schema of ${path} is no JSON`, { cause: error });
    }
  }
  return merged;
}
