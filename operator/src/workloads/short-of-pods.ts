import type { DaemonSet, Deployment, Job, Workload, WorkloadCondition } from './kinds.ts';

/** It should have more pods than it could make, as far as its controller has seen it. */
export function isShortOfPods(workload: Workload): boolean {
  if (isDaemonSet(workload)) return lacksPods(workload);
  if (isDeployment(workload)) return hasCondition(workload.status?.conditions, 'ReplicaFailure');
  return waitsForPod(workload);
}

function lacksPods({ metadata, status }: DaemonSet): boolean {
  const isSeen = status?.observedGeneration === metadata.generation;
  return isSeen && status !== undefined && status.currentNumberScheduled < status.desiredNumberScheduled;
}

function waitsForPod({ status = {} }: Job): boolean {
  const { active = 0, conditions, startTime } = status;
  const hasEnded = hasCondition(conditions, 'Complete') || hasCondition(conditions, 'Failed');
  return startTime !== undefined && active === 0 && !hasEnded;
}

function hasCondition(conditions: readonly WorkloadCondition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

export function isDaemonSet(workload: Workload): workload is DaemonSet {
  return workload.kind === 'DaemonSet';
}

export function isDeployment(workload: Workload): workload is Deployment {
  return workload.kind === 'Deployment';
}

export function isJob(workload: Workload): workload is Job {
  return workload.kind === 'Job';
}
