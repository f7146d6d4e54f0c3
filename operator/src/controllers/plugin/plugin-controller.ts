import { defaultPolicyName, type AutoWeavePlugin, type AutoWeavePolicy } from '@autoweave/crds';
import { Controller, objectKey, type EventRecorder, type Informer, type KubeClient } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { BundleStore, Clock, ExecutorPresence, Lanes, ResultStore } from '../../ports.ts';
import type { Placements } from '../../workloads/placements.ts';
import type { RunnerPods } from '../../workloads/runner-pods.ts';
import { Departures } from './departures.ts';
import { PluginReconciler } from './reconcile.ts';
import { StatusWriter } from './status-writer.ts';

export interface PluginControllerOptions {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly plugins: Informer<AutoWeavePlugin>;
  readonly policies: Informer<AutoWeavePolicy>;
  readonly bundles: BundleStore;
  readonly lanes: Lanes;
  readonly results: ResultStore;
  readonly executors: ExecutorPresence;
  /** Undefined where executors start runners as child processes. */
  readonly runnerPods: RunnerPods | undefined;
  /** There with `runnerPods`. */
  readonly placements: Placements | undefined;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
}

const concurrency = 16;

/**
 * Brings plugins from their source into the executors, and says in their status how far they are. Informers and
 * controller are started by the caller, who also enqueues `namespace/name` when something of a plugin ended, and every
 * plugin when an executor came or went.
 */
export function pluginController(options: PluginControllerOptions): Controller {
  const { client, clock, events, plugins, policies } = options;
  const departures = new Departures();
  plugins.onChange((key, plugin, previous) => departures.changed(key, plugin, previous));
  const reconciler = new PluginReconciler({
    ...options,
    plugin: (key) => plugins.get(key),
    policy: () => policies.get(defaultPolicyName),
    departures,
    statusWriter: new StatusWriter({ client, events, clock }),
  });
  const controller = new Controller({
    name: 'plugin',
    logger: options.logger.child({ controller: 'plugin' }),
    metrics: options.metrics,
    concurrency,
    reconcile: (key, signal) => reconciler.reconcile(key, signal),
  });
  options.placements?.onChange((key) => controller.enqueue(key));
  return controller
    .watch(plugins)
    .watch(policies, (_name, policy, previous) =>
      policy !== undefined && policy.metadata.generation === previous?.metadata.generation
        ? []
        : plugins.list().map(objectKey),
    );
}
