import type { AutoWeavePlugin, ErrorCode } from '@autoweave/crds';
import { faultMessage, type PluginFault, reasonOf } from '../plugin-fault.ts';
import type { Job, Pod, Workload } from './kinds.ts';
import { podTrouble } from './pod-trouble.ts';
import { isDeployment, isJob } from './short-of-pods.ts';

export interface PlacementWorld {
  readonly plugin: AutoWeavePlugin;
  /** Its own, or that of the runners of its namespace; undefined: it is not there yet. */
  readonly workload: Workload | undefined;
  /** Of `workload`, those that are to stay. */
  readonly pods: readonly Pod[];
  /** Nodes where a plugin with `nodes: WithDevice` belongs. */
  readonly nodes: readonly string[];
  /** Why there is no workload, or why it makes no pods. */
  readonly fault: PluginFault | undefined;
}

/** How far the pods of a plugin are: the condition Placed, and what follows from it. */
export interface Placement {
  readonly isPlaced: boolean;
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** Goes on by itself; or waits for people to change something; or rests. */
  readonly outlook: 'Reconciling' | 'Stalled' | 'Resting';
}

export const restingPlaces = {
  /** Its one run has ended well. */
  completed: 'Completed',
  /** It waits for a device; nothing is wrong. */
  noDevice: 'NoNodeWithDevice',
} as const;

export function planPlacement(world: PlacementWorld): Placement {
  const { fault, plugin, pods, workload } = world;
  if (fault !== undefined) return faulted(fault);
  if (workload === undefined) return starting('The API server has not made what its pods come from yet');
  const ended = isJob(workload) ? jobEnd(workload) : undefined;
  if (ended !== undefined) return ended;
  const relevant = plugin.spec.runtime === 'Pod' ? pods : podsAt(pods, world);
  const trouble = podTrouble(relevant);
  if (trouble !== undefined) return faulted(trouble);
  if (plugin.spec.placement?.nodes !== 'Any' && world.nodes.length === 0) return deviceless;
  return counted(world, workload);
}

/** The plugin can be called there, or will be in a moment. */
export function isPodReady({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

const deviceless: Placement = {
  isPlaced: false,
  reason: restingPlaces.noDevice,
  message:
    "No node holds a device that the triggers and the manifest name; plug one in, or see 'kubectl get usbdevices'",
  outlook: 'Resting',
};

function counted(world: PlacementWorld, workload: Workload): Placement {
  const ready = world.pods.filter(isPodReady);
  if (isDeployment(workload)) return progress(ready.length, workload.spec.replicas);
  if (isJob(workload)) return progress(ready.length, 1);
  const isSeen = workload.status?.observedGeneration === workload.metadata.generation;
  const scheduled = isSeen ? workload.status?.desiredNumberScheduled : undefined;
  if (world.plugin.spec.placement?.nodes === 'Any') return progress(ready.length, scheduled ?? 1);
  return countedByNode(world.nodes, ready, scheduled);
}

/** @param scheduled number of nodes that the DaemonSet makes pods for; undefined: it is not known yet */
function countedByNode(nodes: readonly string[], ready: readonly Pod[], scheduled: number | undefined): Placement {
  const missing = nodes.filter((node) => !ready.some((pod) => pod.spec?.nodeName === node));
  if (missing.length === 0) return progress(nodes.length, nodes.length);
  const message = `${progressText(nodes.length - missing.length, nodes.length)}; not at ${names(missing)}`;
  // A DaemonSet passes over a node that its pods do not fit, without a word.
  const isUnfit = scheduled !== undefined && scheduled < nodes.length;
  return isUnfit ? starting(`${message}: check taints and spec.pod.nodeSelector`, 'NodeUnfit') : starting(message);
}

function progress(ready: number, wanted: number): Placement {
  if (ready < wanted || wanted === 0) return starting(progressText(ready, wanted));
  return { isPlaced: true, reason: 'Placed', message: progressText(ready, wanted), outlook: 'Resting' };
}

function progressText(ready: number, wanted: number): string {
  return `${ready} of ${wanted} ${wanted === 1 ? 'pod is' : 'pods are'} ready`;
}

function starting(message: string, reason = 'PodsStarting'): Placement {
  return { isPlaced: false, reason, message, outlook: 'Reconciling' };
}

function faulted(fault: PluginFault): Placement {
  const outlook = passingFaults.has(fault.code) ? 'Reconciling' : 'Stalled';
  return { isPlaced: false, reason: reasonOf(fault.code), message: faultMessage(fault), outlook };
}

/** Those that the cluster may mend by itself. */
const passingFaults: ReadonlySet<ErrorCode> = new Set(['AW_POD_UNSCHEDULABLE']);

function jobEnd({ status }: Job): Placement | undefined {
  const find = (type: string) => status?.conditions?.find((known) => known.type === type && known.status === 'True');
  const failed = find('Failed');
  if (failed !== undefined) {
    const message = `its Job failed: ${failed.message ?? failed.reason ?? 'no reason was given'}`;
    return faulted({ code: 'AW_POD_FAILING', message });
  }
  if (find('Complete') === undefined) return undefined;
  const message = 'Its program has run to its end';
  return { isPlaced: true, reason: restingPlaces.completed, message, outlook: 'Resting' };
}

/** The runners of a namespace serve other plugins elsewhere. */
function podsAt(pods: readonly Pod[], { nodes, plugin }: PlacementWorld): readonly Pod[] {
  if (plugin.spec.placement?.nodes === 'Any') return pods;
  return pods.filter(({ spec }) => spec?.nodeName === undefined || nodes.includes(spec.nodeName));
}

function names(nodes: readonly string[]): string {
  const shown = nodes.toSorted().slice(0, 3).join(', ');
  return nodes.length > 3 ? `${shown} and ${nodes.length - 3} more` : shown;
}
