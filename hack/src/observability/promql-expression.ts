import { parser } from '@prometheus-io/lezer-promql';

export interface PromqlExpression {
  readonly selectors: readonly Selector[];
  /** Of `by`, `without`, `on` and `ignoring`. */
  readonly groupingLabels: readonly string[];
}

export interface Selector {
  /** As written, with `_bucket` and the like. */
  readonly metric: string;
  readonly labels: readonly string[];
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/**
 * What a PromQL expression asks for.
 *
 * @throws SyntaxError with the place
 */
export function parsePromql(text: string): PromqlExpression {
  const nodes = [...nodesBelow(parser.parse(text).topNode)];
  const wrong = nodes.find(({ type }) => type.isError);
  if (wrong !== undefined) throw new SyntaxError(`${text}\n${' '.repeat(wrong.from)}^ is no PromQL`);
  const written = ({ from, to }: Node): string => text.slice(from, to);
  return {
    selectors: named('VectorSelector', nodes).map((selector) => ({
      metric: named('Identifier', nodesBelow(selector)).map(written).join(''),
      labels: named('LabelName', nodesBelow(selector)).map(written),
    })),
    groupingLabels: named('GroupingLabels', nodes)
      .flatMap((labels) => named('LabelName', nodesBelow(labels)))
      .map(written),
  };
}

function named(name: string, within: Iterable<Node>): readonly Node[] {
  return [...within].filter((node) => node.name === name);
}

function* nodesBelow(node: Node): Iterable<Node> {
  yield node;
  for (let child = node.firstChild; child !== null; child = child.nextSibling) yield* nodesBelow(child);
}
