import { labels, nodeLabels, workloadNames, type AutoWeavePlugin, type UsbDevice } from '@autoweave/crds';
import { holdersOf } from '../cluster/device-text.ts';
import type { ClusterNode, Pod } from '../cluster/kinds.ts';

/** Undefined where the caller may not look. */
export interface PodWorld {
  /** Of plugins and runners, in all namespaces that were asked for. */
  readonly pods: readonly Pod[] | undefined;
  /** By name; of the nodes that hold or held the device. */
  readonly nodes: ReadonlyMap<string, ClusterNode> | undefined;
}

const defaultGraceSeconds = 300;

/** What about placement and pods may keep the plugin from running at the nodes of the device; empty where runners are no pods. */
export function podReasons(plugin: AutoWeavePlugin, device: UsbDevice, world: PodWorld): readonly string[] {
  const holders = holdersOf(device).map(({ nodeName }) => nodeName);
  return [
    ...holders.flatMap((node) => [...labelReasons(plugin, node, world), ...podsAt(plugin, node, world)]),
    ...(holders.length === 0 ? graceReasons(plugin, device, world) : []),
  ];
}

function isPlaced({ spec }: AutoWeavePlugin): boolean {
  return spec.runtime === 'Pod' && spec.placement?.nodes !== 'Any';
}

function placementLabel({ metadata }: AutoWeavePlugin): string {
  return nodeLabels.plugin(metadata.uid ?? '');
}

function labelReasons(plugin: AutoWeavePlugin, name: string, { nodes }: PodWorld): readonly string[] {
  const node = nodes?.get(name);
  if (!isPlaced(plugin) || node === undefined) return [];
  if (node.metadata.labels?.[placementLabel(plugin)] === 'true') return [];
  return [`node ${name} lacks the label ${placementLabel(plugin)}, so no pod of it may be there; the operator sets it`];
}

function podsAt(plugin: AutoWeavePlugin, node: string, { pods }: PodWorld): readonly string[] {
  if (plugin.spec.runtime !== 'Pod') return [];
  if (pods === undefined) return ['you may not list the pods of its namespace'];
  const own = pods.filter((pod) => belongsTo(pod, plugin));
  const there = own.filter(({ spec }) => spec.nodeName === node);
  if (there.length === 0) {
    return [
      `no pod of it is at node ${node}; see what makes them: ${workloadNames.plugin(plugin.metadata.name)} in namespace ${plugin.metadata.namespace ?? ''}`,
    ];
  }
  return there.flatMap((pod) => (isReady(pod) ? [] : [podState(pod)]));
}

function belongsTo({ metadata }: Pod, plugin: AutoWeavePlugin): boolean {
  return metadata.namespace === plugin.metadata.namespace && metadata.labels?.[labels.plugin] === plugin.metadata.name;
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

function podState({ metadata, status }: Pod): string {
  const waiting = (status?.containerStatuses ?? []).flatMap(({ name, state }) =>
    state?.waiting === undefined ? [] : [`container ${name} waits: ${state.waiting.reason ?? 'unknown'}`],
  );
  return `pod ${metadata.name} is ${status?.phase ?? 'Unknown'} and not Ready${waiting.length === 0 ? '' : ` (${waiting.join('; ')})`}`;
}

/** The device has just left: the pod stays for a while. */
function graceReasons(plugin: AutoWeavePlugin, { status }: UsbDevice, { nodes }: PodWorld): readonly string[] {
  if (!isPlaced(plugin)) return [];
  const seconds = plugin.spec.placement?.detachGraceSeconds ?? defaultGraceSeconds;
  return (status?.attachments ?? []).flatMap(({ nodeName, since }) => {
    const isLabelled = nodes?.get(nodeName)?.metadata.labels?.[placementLabel(plugin)] === 'true';
    const left = Date.parse(since ?? '');
    if (!isLabelled || Number.isNaN(left)) return [];
    const until = new Date(left + seconds * 1000).toISOString();
    return [
      `its pod stays at node ${nodeName} until ${until} at least (spec.placement.detachGraceSeconds is ${seconds})`,
    ];
  });
}
