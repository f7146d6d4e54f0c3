import type { AutoWeavePlugin, UsbDevice } from '@autoweave/crds';
import { Controller, type Informer, type KubeClient, semanticEqual } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { ClusterNode } from '../../cluster-node.ts';
import { ObjectIndex } from '../../object-index.ts';
import type { Clock } from '../../ports.ts';
import type { RunnerPods } from '../../workloads/runner-pods.ts';
import { applyNodeLabels } from './apply.ts';
import { DeviceLabels } from './device-labels.ts';
import { placementRule, type PlacementRule, ruleBasis } from './placement-rules.ts';
import { NodeLabelsReconciler } from './reconcile.ts';

export interface NodeLabelsControllerOptions {
  readonly client: KubeClient;
  readonly devices: Informer<UsbDevice>;
  readonly plugins: Informer<AutoWeavePlugin>;
  readonly clusterNodes: Informer<ClusterNode>;
  /** Undefined: plugins have no pods, so only the presence of devices is told. */
  readonly runnerPods: RunnerPods | undefined;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
}

/**
 * Tells by labels which nodes hold which devices, and where the pods of plugins belong. Informers and controller are
 * started by the caller; the informers have synced when it is made.
 */
export function nodeLabelsController(options: NodeLabelsControllerOptions): Controller {
  const { client, clock, clusterNodes, devices, metrics, plugins, runnerPods } = options;
  const devicesByNode = new ObjectIndex([devices], nodesOf);
  const deviceLabels = new DeviceLabels();
  let placements: ReadonlyMap<string, PlacementRule> = new Map();
  const readPlugins = (): void => {
    const rules = plugins.list().flatMap((plugin) => placementRule(plugin, runnerPods) ?? []);
    placements = new Map(rules.map((rule) => [rule.label, rule]));
    deviceLabels.replaceRules(rules);
  };
  readPlugins();
  const reconciler = new NodeLabelsReconciler({
    node: (name) => clusterNodes.get(name),
    devicesAt: (nodeName) => devicesByNode.get(nodeName),
    deviceLabels,
    placements: () => placements,
    apply: (node, labels, signal) => applyNodeLabels(client, node, labels, signal),
    clock,
  });
  return new Controller({
    name: 'node-labels',
    logger: options.logger.child({ controller: 'node-labels' }),
    metrics,
    reconcile: (name, signal) => reconciler.reconcile(name, signal),
  })
    .watch(clusterNodes, (name, node, previous) =>
      node === previous || !semanticEqual(node?.metadata.labels, previous?.metadata.labels) ? [name] : [],
    )
    .watch(devices, (_name, device, previous) => new Set([...nodesOf(device), ...nodesOf(previous)]))
    .watch(plugins, (_key, plugin, previous) => {
      if (ruleBasis(plugin) === ruleBasis(previous)) return [];
      readPlugins();
      return clusterNodes.list().map(({ metadata }) => metadata.name);
    });
}

/** Where it is or was. */
function nodesOf(device: UsbDevice | undefined): readonly string[] {
  return device?.status?.attachments?.map(({ nodeName }) => nodeName) ?? [];
}
