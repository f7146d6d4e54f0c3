import { kinds, type DaemonSet, type Deployment, type Pod } from '../cluster/kinds.ts';
import { listAll } from '../cluster/list-all.ts';
import { podSelector } from '../cluster/pod-selector.ts';
import type { Session } from '../session.ts';
import { fail, ok, someOf, warn, type Check, type DoctorWorld, type Finding } from './check-result.ts';

/** Whether operator and agents run, everywhere and in their newest version. */
export const workloadsCheck: Check = {
  name: 'operator and agents',
  run: async (world) => [
    ...(await judge(world, world.installation.operator, 'Deployment autoweave-operator')),
    ...(await judge(world, world.installation.agents, 'DaemonSet autoweave-node-agent')),
  ],
};

async function judge(
  { session, installation }: DoctorWorld,
  workload: Deployment | DaemonSet | undefined,
  title: string,
): Promise<readonly Finding[]> {
  if (workload === undefined) return [absence(title, installation.hidden)];
  const { name, namespace = '' } = workload.metadata;
  const progress = rollout(workload);
  const { wanted, updated, available } = progress;
  const place = `${workload.kind} ${namespace}/${name}`;
  if (isComplete(progress)) return [ok(`${place}: ${available} of ${wanted} available, all of the newest version`)];
  const state = `${place}: ${available} of ${wanted} available, ${updated} of the newest version`;
  const message = [state, someOf(await troubles(session, workload))].filter((text) => text !== '').join('; ');
  const remedy = `See kubectl describe ${workload.kind.toLowerCase()} -n ${namespace} ${name}, and the logs of its pods.`;
  return [available === 0 ? fail(message, remedy) : warn(message, remedy)];
}

function absence(title: string, hidden: string | undefined): Finding {
  if (hidden !== undefined) {
    return warn(`${title} cannot be looked at: ${hidden}`, 'Ask for the ClusterRole of docs/kubectl.md.');
  }
  const remedy = 'Install the chart; or, when it runs outside of the cluster (npm start), look at its log there.';
  return warn(`There is no ${title}`, remedy);
}

interface Rollout {
  readonly wanted: number;
  readonly updated: number;
  readonly available: number;
  /** The numbers are about the workload as it is now. */
  readonly isObserved: boolean;
}

function isComplete({ wanted, updated, available, isObserved }: Rollout): boolean {
  return isObserved && wanted > 0 && updated >= wanted && available >= wanted;
}

export function rollout(workload: Deployment | DaemonSet): Rollout {
  const { observedGeneration = 0 } = workload.status ?? {};
  const isObserved = observedGeneration >= (workload.metadata.generation ?? 0);
  return { ...(isDaemonSet(workload) ? daemonSetCounts(workload) : deploymentCounts(workload)), isObserved };
}

function isDaemonSet(workload: Deployment | DaemonSet): workload is DaemonSet {
  return workload.kind === kinds.daemonSet.kind;
}

type Counts = Omit<Rollout, 'isObserved'>;

function daemonSetCounts({ status = {} }: DaemonSet): Counts {
  const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
  return { wanted: desiredNumberScheduled, updated: updatedNumberScheduled, available: numberAvailable };
}

function deploymentCounts({ spec, status = {} }: Deployment): Counts {
  return { wanted: spec.replicas ?? 1, updated: status.updatedReplicas ?? 0, available: status.availableReplicas ?? 0 };
}

/** What its pods that are not ready say. */
async function troubles({ client, signal }: Session, workload: Deployment | DaemonSet): Promise<readonly string[]> {
  const { namespace } = workload.metadata;
  const pods = { namespace, labelSelector: podSelector(workload), keep: podTrouble, signal };
  return (await listAll(client, kinds.pod, pods)).items.flat();
}

export function podTrouble({ metadata, spec, status }: Pod): readonly string[] {
  const place = `pod ${metadata.name}${spec.nodeName === undefined ? '' : ` on node ${spec.nodeName}`}`;
  const containers = (status?.containerStatuses ?? []).filter(({ ready }) => !ready);
  if (containers.length > 0) {
    return containers.map(({ name, state }) => {
      const reason = state?.waiting?.reason ?? state?.terminated?.reason ?? 'not ready';
      const message = state?.waiting?.message;
      return `${place}: container ${name} ${reason}${message === undefined ? '' : ` (${message})`}`;
    });
  }
  const condition = status?.conditions?.find((one) => one.status !== 'True' && one.message !== undefined);
  return condition === undefined ? [] : [`${place}: ${condition.reason ?? condition.type}: ${condition.message ?? ''}`];
}
