import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CallExpression,
  type Expression,
  type ObjectExpression,
  type ObjectProperty,
  parseSync,
  Visitor,
} from 'oxc-parser';

export const metricTypes = ['counter', 'gauge', 'histogram'] as const;
export type MetricType = (typeof metricTypes)[number];

export interface DeclaredMetric {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** Of the source file, below the root of the repository. */
  readonly path: string;
}

const root = join(import.meta.dirname, '../../..');
const processes = '{platform,operator,node-agent}/src/**/*.ts';

/**
 * Every metric that a process of ours can have, as its source declares it: `metrics.counter({ name, help, labels })` with
 * literals, or constants of the same file.
 *
 * @throws Error for a declaration that cannot be read like that
 */
export function declaredMetrics(): readonly DeclaredMetric[] {
  const paths = globSync(processes, { cwd: root }).filter((path) => !/\.test\.ts$|\/testing\//.test(path));
  const metrics = paths.toSorted().flatMap((path) => metricsIn(path, readFileSync(join(root, path), 'utf8')));
  return metrics.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** @throws Error for a declaration that is not made of literals */
export function metricsIn(path: string, source: string): readonly DeclaredMetric[] {
  const { program } = parseSync(path, source);
  const constants = new Map<string, Expression>();
  const declarations: { readonly type: MetricType; readonly options: ObjectExpression }[] = [];
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (id.type === 'Identifier' && init !== null) constants.set(id.name, init);
    },
    CallExpression: (call) => {
      const type = declaredType(call);
      const [options] = call.arguments;
      if (type !== undefined && options?.type === 'ObjectExpression') declarations.push({ type, options });
    },
  }).visit(program);
  const reader = new LiteralReader(path, constants);
  return declarations.flatMap(({ type, options }) => {
    const name = reader.property(options, 'name');
    if (name === undefined) return [];
    const help = reader.text(reader.property(options, 'help'));
    return [{ name: reader.text(name), type, help, labels: reader.labels(reader.property(options, 'labels')), path }];
  });
}

function declaredType({ callee }: CallExpression): MetricType | undefined {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const { name } = callee.property;
  return metricTypes.find((type) => type === name);
}

/** Reads what is written out in a source, also by way of a constant. */
class LiteralReader {
  readonly #path: string;
  readonly #constants: ReadonlyMap<string, Expression>;

  constructor(path: string, constants: ReadonlyMap<string, Expression>) {
    this.#path = path;
    this.#constants = constants;
  }

  property(object: ObjectExpression, name: string): Expression | undefined {
    for (const property of object.properties) {
      if (property.type === 'Property' && this.#key(property.key) === name) return property.value;
    }
    return undefined;
  }

  text(expression: Expression | undefined): string {
    if (expression?.type === 'Literal' && typeof expression.value === 'string') return expression.value;
    throw this.#unreadable(expression);
  }

  /** Of a list of names, or of an object with the names as keys. */
  labels(expression: Expression | undefined): readonly string[] {
    if (expression === undefined) return [];
    const value = this.#resolved(expression);
    if (value.type === 'ObjectExpression') {
      return value.properties.flatMap((property) =>
        property.type === 'Property' ? [this.#key(property.key)] : this.labels(property.argument),
      );
    }
    if (value.type !== 'ArrayExpression') throw this.#unreadable(value);
    return value.elements.flatMap((element) => {
      if (element === null) throw this.#unreadable(value);
      return element.type === 'SpreadElement' ? this.labels(element.argument) : [this.text(element)];
    });
  }

  #resolved(expression: Expression): Expression {
    if (expression.type === 'TSAsExpression') return this.#resolved(expression.expression);
    if (expression.type !== 'Identifier') return expression;
    const constant = this.#constants.get(expression.name);
    if (constant === undefined) throw this.#unreadable(expression);
    return this.#resolved(constant);
  }

  #key(key: ObjectProperty['key']): string {
    if (key.type === 'Identifier') return key.name;
    if (key.type === 'Literal') return String(key.value);
    return '';
  }

  #unreadable(expression: Expression | undefined): Error {
    return new Error(`${this.#path} declares a metric by a ${expression?.type ?? 'missing value'}; use literals`);
  }
}
