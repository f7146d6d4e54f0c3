import { resources, type AutoWeavePlugin, type AutoWeavePolicy, type UsbDevice, type UsbNode } from '@autoweave/crds';
import type { ReadinessCheck } from '@autoweave/platform/http';
import { builtinResources, Informer, type KubeClient } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { type ClusterNode, strippedNode } from './cluster-node.ts';
import { PluginPlaces } from './workloads/plugin-places.ts';
import type { RunnerPods } from './workloads/runner-pods.ts';
import { WorkloadState } from './workloads/workload-state.ts';

export interface ClusterStateOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Undefined: plugins have no pods. */
  readonly runnerPods?: RunnerPods | undefined;
}

/** What the API server holds of our kinds, followed by every replica, so that a new leader can begin at once. */
export class ClusterState {
  readonly plugins: Informer<AutoWeavePlugin>;
  readonly policies: Informer<AutoWeavePolicy>;
  readonly devices: Informer<UsbDevice>;
  readonly nodes: Informer<UsbNode>;
  readonly clusterNodes: Informer<ClusterNode>;
  /** The pods of plugins; undefined when they have none. */
  readonly workloads: WorkloadState | undefined;
  readonly places: PluginPlaces | undefined;

  constructor(options: ClusterStateOptions) {
    this.plugins = new Informer({ ...options, resource: resources.autoWeavePlugin });
    this.policies = new Informer({ ...options, resource: resources.autoWeavePolicy });
    this.devices = new Informer({ ...options, resource: resources.usbDevice });
    this.nodes = new Informer({ ...options, resource: resources.usbNode });
    this.clusterNodes = new Informer({ ...options, resource: builtinResources.node, transform: strippedNode });
    const { runnerPods } = options;
    this.workloads = runnerPods && new WorkloadState({ ...options, namespaces: runnerPods.namespaces });
    // Before any listener that reads it.
    this.places = this.workloads && new PluginPlaces({ pods: this.workloads.pods, clusterNodes: this.clusterNodes });
  }

  start(): void {
    for (const informer of this.#informers()) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.stop()));
  }

  async whenSynced(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#informers().map((informer) => informer.whenSynced(signal)));
  }

  readiness(): readonly ReadinessCheck[] {
    return Object.entries(this.#byName()).map(([name, informers]) => ({
      name: `informer-${name}`,
      check: () =>
        informers.every(({ hasSynced }) => hasSynced)
          ? undefined
          : 'the API server has not answered the first list yet',
    }));
  }

  /** Nodes that hold the device now. */
  holders(deviceName: string): readonly string[] {
    const attachments = this.devices.get(deviceName)?.status?.attachments ?? [];
    return attachments.filter(({ present }) => present).map(({ nodeName }) => nodeName);
  }

  /** Nodes where the plugin can be called now; undefined: wherever there is an executor. */
  runnerNodes(plugin: AutoWeavePlugin): readonly string[] | undefined {
    return this.places?.callableNodes(plugin);
  }

  device(nameOrAlias: string): UsbDevice | undefined {
    return this.devices.get(nameOrAlias) ?? this.devices.list().find(({ spec }) => spec?.alias === nameOrAlias);
  }

  #byName() {
    return {
      plugins: [this.plugins],
      policies: [this.policies],
      devices: [this.devices],
      nodes: [this.nodes],
      'cluster-nodes': [this.clusterNodes],
      ...(this.workloads === undefined ? {} : { workloads: this.workloads.informers() }),
    };
  }

  #informers() {
    return Object.values(this.#byName()).flat();
  }
}
