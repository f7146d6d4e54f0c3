import type { Condition } from '@autoweave/crds';

export type DesiredCondition = Omit<Condition, 'lastTransitionTime'>;

/**
 * The conditions with one of them set. The transition time moves only when the status changes, so that setting the
 * same again changes nothing.
 */
export function setCondition(
  conditions: readonly Condition[],
  desired: DesiredCondition,
  now: Date = new Date(),
): Condition[] {
  const existing = findCondition(conditions, desired.type);
  const lastTransitionTime = existing?.status === desired.status ? existing.lastTransitionTime : rfc3339(now);
  const next = { ...desired, lastTransitionTime };
  if (!existing) return [...conditions, next];
  return conditions.map((condition) => (condition.type === desired.type ? next : condition));
}

/** For conditions that exist only while they are True. */
export function removeCondition(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

export function findCondition(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

export function isConditionTrue(conditions: readonly Condition[], type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/** metav1.Time has whole seconds; anything finer would come back different. */
function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
