import { createHash } from 'node:crypto';
import { labels, nodeLabels, type AutoWeavePlugin } from '@autoweave/crds';
import { type Informer, joinKey, type KubeObject, objectKey } from '@autoweave/platform/kube';
import type { ClusterNode } from '../cluster-node.ts';
import { ObjectIndex } from '../object-index.ts';
import { containersOf, type Pod } from './kinds.ts';
import { isPodReady } from './plan-placement.ts';

/** A node where a pod is ready that can run the plugin. */
export interface Place {
  /** Stands for the pods there, and each start of their containers: with another one, what was loaded is gone. */
  readonly pods: string;
  /** The plugin belongs there; else it may only still be loaded, in a runner that serves others. */
  readonly isWanted: boolean;
}

export interface PluginPlacesOptions {
  readonly pods: readonly Informer<Pod>[];
  readonly clusterNodes: Informer<ClusterNode>;
}

/** Where the pods of plugins are. */
export class PluginPlaces {
  /** By `podsKey`. */
  readonly #pods: ObjectIndex<Pod>;
  readonly #nodes: ObjectIndex<ClusterNode>;

  constructor({ clusterNodes, pods }: PluginPlacesOptions) {
    this.#pods = new ObjectIndex(pods, (pod) => [ownerKey(pod)]);
    this.#nodes = new ObjectIndex([clusterNodes], placementLabels);
  }

  /** Those that are ready and those that are not. */
  pods(plugin: AutoWeavePlugin): readonly Pod[] {
    return this.#pods.get(podsKey(plugin));
  }

  /** Nodes where it belongs, for a plugin that follows devices. */
  labelledNodes({ metadata }: AutoWeavePlugin): readonly string[] {
    return this.#nodes.get(nodeLabels.plugin(metadata.uid ?? '')).map((node) => node.metadata.name);
  }

  /** By name of the node. */
  places(plugin: AutoWeavePlugin): ReadonlyMap<string, Place> {
    const wanted = this.#wantedNodes(plugin);
    const byNode = Map.groupBy(this.#readyPods(plugin), ({ spec }) => spec?.nodeName ?? '');
    return new Map(
      [...byNode].map(([node, pods]) => [node, { pods: startsOf(pods), isWanted: wanted?.has(node) ?? true }]),
    );
  }

  /** Nodes where it belongs and a pod can run it now. */
  callableNodes(plugin: AutoWeavePlugin): readonly string[] {
    const wanted = this.#wantedNodes(plugin);
    const nodes = new Set(this.#readyPods(plugin).map(({ spec }) => spec?.nodeName ?? ''));
    return [...nodes].filter((node) => wanted?.has(node) ?? true);
  }

  #readyPods(plugin: AutoWeavePlugin): readonly Pod[] {
    return this.pods(plugin).filter(isPodReady);
  }

  /** Undefined: wherever its pods are. A runner also is where other plugins of its namespace belong. */
  #wantedNodes(plugin: AutoWeavePlugin): ReadonlySet<string> | undefined {
    const isAnywhere = plugin.spec.runtime === 'Pod' || plugin.spec.placement?.nodes === 'Any';
    return isAnywhere ? undefined : new Set(this.labelledNodes(plugin));
  }
}

/** Of the pods that run the plugin: its own, or the runners of its namespace. */
export function podsKey(plugin: AutoWeavePlugin): string {
  return plugin.spec.runtime === 'Pod' ? objectKey(plugin) : (plugin.metadata.namespace ?? '');
}

/** Of a pod, or of what makes it: `namespace/name` of the plugin, or the namespace of a runner. */
export function ownerKey({ metadata }: KubeObject): string {
  const { namespace = '' } = metadata;
  const plugin = metadata.labels?.[labels.plugin];
  return plugin === undefined ? namespace : joinKey({ namespace, name: plugin });
}

export function placementLabels(node: ClusterNode | undefined): readonly string[] {
  return Object.keys(node?.metadata.labels ?? {}).filter((key) => key.startsWith(nodeLabels.placementPrefix));
}

function startsOf(pods: readonly Pod[]): string {
  const starts = pods.map((pod) =>
    [pod.metadata.uid, ...containersOf(pod).map(({ restartCount }) => restartCount)].join(' '),
  );
  return createHash('sha256').update(starts.toSorted().join()).digest('hex').slice(0, 8);
}
