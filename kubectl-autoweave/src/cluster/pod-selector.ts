import type { DaemonSet, Deployment } from './kinds.ts';

/** A label selector for the pods of a workload. */
export function podSelector({ spec }: DaemonSet | Deployment): string {
  const labels = Object.entries(spec.selector.matchLabels ?? {});
  return labels.map(([name, value]) => `${name}=${value}`).join(',');
}
