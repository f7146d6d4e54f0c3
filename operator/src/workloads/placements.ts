import { nodeLabels, workloadNames, type AutoWeavePlugin } from '@autoweave/crds';
import { type Informer, joinKey, type KubeObject, objectKey } from '@autoweave/platform/kube';
import type { ClusterNode } from '../cluster-node.ts';
import { ObjectIndex } from '../object-index.ts';
import type { Workload } from './kinds.ts';
import { type Placement, planPlacement } from './plan-placement.ts';
import { ownerKey, type Place, placementLabels, type PluginPlaces, podsKey } from './plugin-places.ts';
import { workloadKey, workloadKind } from './plugin-workload.ts';
import type { WorkloadFaults } from './workload-faults.ts';
import type { WorkloadState } from './workload-state.ts';

export interface PlacementsOptions {
  readonly plugins: Informer<AutoWeavePlugin>;
  readonly clusterNodes: Informer<ClusterNode>;
  readonly workloads: WorkloadState;
  readonly places: PluginPlaces;
  readonly faults: WorkloadFaults;
}

/** How far the pods of plugins are. */
export class Placements {
  readonly #options: PlacementsOptions;
  readonly #byLabel: ObjectIndex<AutoWeavePlugin>;
  readonly #byNamespace: ObjectIndex<AutoWeavePlugin>;

  constructor(options: PlacementsOptions) {
    this.#options = options;
    const { plugins } = options;
    this.#byLabel = new ObjectIndex([plugins], ({ metadata }) => [nodeLabels.plugin(metadata.uid ?? '')]);
    this.#byNamespace = new ObjectIndex([plugins], ({ metadata }) => [metadata.namespace ?? '']);
  }

  placement(plugin: AutoWeavePlugin): Placement {
    const { faults, places } = this.#options;
    return planPlacement({
      plugin,
      workload: this.#workload(plugin),
      pods: places.pods(plugin),
      nodes: places.labelledNodes(plugin),
      fault: faults.get(podsKey(plugin)),
    });
  }

  /** By name of the node. */
  places(plugin: AutoWeavePlugin): ReadonlyMap<string, Place> {
    return this.#options.places.places(plugin);
  }

  /** The listener gets the key of each plugin whose placement or places may be others now. */
  onChange(listener: (key: string) => void): void {
    const { clusterNodes, faults, workloads } = this.#options;
    const tell = (owner: string): void => {
      const served = this.#byNamespace.get(owner).filter(({ spec }) => spec.runtime !== 'Pod');
      for (const key of owner.includes('/') ? [owner] : served.map(objectKey)) listener(key);
    };
    const watch = <T extends KubeObject>(informers: readonly Informer<T>[]): void => {
      for (const informer of informers) {
        informer.onChange((_key, object, previous) => {
          for (const owner of new Set([object, previous].flatMap((found) => (found ? [ownerKey(found)] : []))))
            tell(owner);
        });
      }
    };
    watch(workloads.daemonSets);
    watch(workloads.deployments);
    watch(workloads.jobs);
    watch(workloads.pods);
    faults.onChange(tell);
    clusterNodes.onChange((_name, node, previous) => {
      const changed = new Set(placementLabels(node)).symmetricDifference(new Set(placementLabels(previous)));
      for (const plugin of [...changed].flatMap((label) => this.#byLabel.get(label))) listener(objectKey(plugin));
    });
  }

  #workload(plugin: AutoWeavePlugin): Workload | undefined {
    const { workloads } = this.#options;
    const { namespace } = plugin.metadata;
    if (plugin.spec.runtime !== 'Pod') return workloads.daemonSet(joinKey({ namespace, name: workloadNames.runner }));
    const key = workloadKey(plugin);
    const kind = workloadKind(plugin);
    if (kind === 'DaemonSet') return workloads.daemonSet(key);
    return kind === 'Job' ? workloads.job(key) : workloads.deployment(key);
  }
}
