import { defaultPolicyName, labels, type AutoWeavePlugin, type AutoWeavePolicy } from '@autoweave/crds';
import {
  Controller,
  type Informer,
  type KubeClient,
  joinKey,
  objectKey,
  type KubeObject,
} from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { ObjectIndex } from '../../object-index.ts';
import { WorkloadEffects } from '../../workloads/apply.ts';
import { PluginWorkloadReconciler, type WorkloadsReconcilerOptions } from './reconcile-plugin.ts';
import { reconcileRunner } from './reconcile-runner.ts';

export type WorkloadsControllerOptions = Pick<
  WorkloadsReconcilerOptions,
  'backlog' | 'clock' | 'faults' | 'runnerPods' | 'workloads'
> & {
  readonly client: KubeClient;
  readonly plugins: Informer<AutoWeavePlugin>;
  readonly policies: Informer<AutoWeavePolicy>;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
};

/**
 * Makes what the pods of plugins come from. Its keys are `namespace/name` of a plugin, for the workload of its own, and
 * `namespace`, for the runners there. Informers and controller are started by the caller.
 */
export function workloadsController(options: WorkloadsControllerOptions): Controller {
  const { client, metrics, plugins, policies, workloads } = options;
  const byNamespace = new ObjectIndex([plugins], ({ metadata }) => [metadata.namespace ?? '']);
  const reconciler: WorkloadsReconcilerOptions = {
    ...options,
    effects: new WorkloadEffects(client),
    plugin: (key) => plugins.get(key),
    pluginsOf: (namespace) => byNamespace.get(namespace),
    maxMemoryMegabytes: () => policies.get(defaultPolicyName)?.spec.plugins?.maxMemoryMegabytes,
  };
  const pluginReconciler = new PluginWorkloadReconciler(reconciler);
  const controller = new Controller({
    name: 'workloads',
    logger: options.logger.child({ controller: 'workloads' }),
    metrics,
    reconcile: (key, signal) =>
      key.includes('/') ? pluginReconciler.reconcile(key, signal) : reconcileRunner(reconciler, key, signal),
  });
  controller
    .watch(plugins, (key, plugin, previous) =>
      plugin === previous || basisOf(plugin) !== basisOf(previous) ? [key, namespaceOf(plugin ?? previous)] : [],
    )
    .watch(policies, (_name, policy, previous) =>
      policy?.metadata.generation === previous?.metadata.generation ? [] : plugins.list().map(objectKey),
    );
  const watchAll = <T extends KubeObject>(informers: readonly Informer<T>[]): void => {
    for (const informer of informers)
      controller.watch(informer, (_key, object, previous) => keysOf(object ?? previous));
  };
  watchAll(workloads.daemonSets);
  watchAll(workloads.deployments);
  watchAll(workloads.jobs);
  return controller;
}

/** Results change a plugin far more often than what its pods follow from. */
function basisOf(plugin: AutoWeavePlugin | undefined): string {
  if (plugin === undefined) return '';
  const { metadata, status } = plugin;
  const { bundle, limits, observedGeneration, permissions } = status ?? {};
  const { deletionTimestamp, generation, uid } = metadata;
  return JSON.stringify([uid, generation, deletionTimestamp, observedGeneration, bundle, limits, permissions]);
}

function keysOf(workload: KubeObject | undefined): readonly string[] {
  const plugin = workload?.metadata.labels?.[labels.plugin];
  const namespace = namespaceOf(workload);
  return [plugin === undefined ? namespace : joinKey({ namespace, name: plugin })];
}

function namespaceOf(object: KubeObject | undefined): string {
  return object?.metadata.namespace ?? '';
}
