import type {
  ClusterNode,
  NodeRequirement,
  NodeSelectorTerm,
  PodTemplate,
  Taint,
  Toleration,
} from '../cluster/kinds.ts';

/** What keeps the pods of a DaemonSet from a node. */
export interface Obstacle {
  readonly kind: 'selector' | 'affinity' | 'taint';
  readonly text: string;
}

type PodSpec = PodTemplate['spec'];

/** Kubernetes adds these to the pods of every DaemonSet. */
const toleratedAnyway = new Set(
  ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map(
    (name) => `node.kubernetes.io/${name}`,
  ),
);

/** The first thing that keeps the pods away, in the order in which the scheduler looks; undefined when nothing does. */
export function whyNotAt(node: ClusterNode, spec: PodSpec): Obstacle | undefined {
  return selectorObstacle(node, spec) ?? affinityObstacle(node, spec) ?? taintObstacle(node, spec.tolerations ?? []);
}

function selectorObstacle({ metadata }: ClusterNode, { nodeSelector = {} }: PodSpec): Obstacle | undefined {
  const missing = Object.entries(nodeSelector).find(([name, value]) => metadata.labels?.[name] !== value);
  return missing && { kind: 'selector', text: `nodeSelector wants the label ${missing[0]}=${missing[1]}` };
}

function affinityObstacle(node: ClusterNode, { affinity }: PodSpec): Obstacle | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined || terms.some((term) => meetsTerm(node, term))) return undefined;
  return { kind: 'affinity', text: 'its labels do not meet the required node affinity' };
}

function meetsTerm({ metadata }: ClusterNode, { matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => meets(requirement, metadata.labels?.[requirement.key])) &&
    matchFields.every((requirement) => meets(requirement, metadata.name))
  );
}

type Test = (value: string | undefined, values: readonly string[]) => boolean;

const tests: Readonly<Record<NodeRequirement['operator'], Test>> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
  Gt: (value, [limit]) => Number(value) > Number(limit),
  Lt: (value, [limit]) => Number(value) < Number(limit),
};

function meets({ operator, values = [] }: NodeRequirement, value: string | undefined): boolean {
  return tests[operator](value, values);
}

function taintObstacle({ spec }: ClusterNode, tolerations: readonly Toleration[]): Obstacle | undefined {
  const taint = (spec?.taints ?? []).find((candidate) => keepsAway(candidate, tolerations));
  if (taint === undefined) return undefined;
  const { key, value, effect } = taint;
  return { kind: 'taint', text: `taint ${key}${value === undefined ? '' : `=${value}`}:${effect} is not tolerated` };
}

function keepsAway(taint: Taint, tolerations: readonly Toleration[]): boolean {
  if (taint.effect === 'PreferNoSchedule' || toleratedAnyway.has(taint.key)) return false;
  return !tolerations.some((toleration) => tolerates(toleration, taint));
}

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== undefined && key !== taint.key) return false;
  return operator === 'Exists' || (key !== undefined && value === (taint.value ?? ''));
}
