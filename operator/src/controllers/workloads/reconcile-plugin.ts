import type { AutoWeavePlugin, PluginKey } from '@autoweave/crds';
import { builtinResources, objectKey, type ReconcileResult, type Resource } from '@autoweave/platform/kube';
import type { Clock } from '../../ports.ts';
import type { WorkloadEffects } from '../../workloads/apply.ts';
import { keepWorkload } from '../../workloads/keep-workload.ts';
import type { Workload } from '../../workloads/kinds.ts';
import { planReplicas, type ReplicasMemory } from '../../workloads/plan-replicas.ts';
import {
  onceRevision,
  pluginAccount,
  type PluginWorkload,
  pluginWorkload,
  revisionAnnotation,
  workloadKey,
  workloadResources,
} from '../../workloads/plugin-workload.ts';
import { mayHavePods, type RunnerPods, wantsPods } from '../../workloads/runner-pods.ts';
import { isShortOfPods } from '../../workloads/short-of-pods.ts';
import type { WorkloadFaults } from '../../workloads/workload-faults.ts';
import type { WorkloadState } from '../../workloads/workload-state.ts';

export interface WorkloadsReconcilerOptions {
  readonly effects: WorkloadEffects;
  readonly faults: WorkloadFaults;
  readonly workloads: WorkloadState;
  readonly runnerPods: RunnerPods;
  readonly plugin: (key: string) => AutoWeavePlugin | undefined;
  readonly pluginsOf: (namespace: string) => readonly AutoWeavePlugin[];
  /** From AutoWeavePolicy `default`. */
  readonly maxMemoryMegabytes: () => number | undefined;
  /** Jobs without a device that wait for the plugin or run. */
  readonly backlog: (plugin: PluginKey) => Promise<number>;
  readonly clock: Clock;
}

/** While something is wrong, and between two looks at how many jobs wait. */
const lookAgain: ReconcileResult = { requeueAfterMilliseconds: 15_000 };

/** One pass over what makes the pods of a plugin of runtime Pod. When the plugin goes, the API server collects it. */
export class PluginWorkloadReconciler {
  readonly #options: WorkloadsReconcilerOptions;
  readonly #memories = new Map<string, ReplicasMemory>();

  constructor(options: WorkloadsReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { faults, plugin: find, runnerPods } = this.#options;
    const plugin = find(key);
    if (plugin === undefined || plugin.metadata.deletionTimestamp !== undefined) {
      faults.set(key, undefined);
      this.#memories.delete(key);
      return {};
    }
    const { metadata, spec, status } = plugin;
    if (spec.runtime !== 'Pod' || !wantsPods(plugin) || !mayHavePods(runnerPods, metadata.namespace)) {
      await this.#deleteAllBut(undefined, plugin, signal);
      faults.set(key, undefined);
      return {};
    }
    // What it is now has yet to be judged; that will bring another pass.
    if (status?.observedGeneration !== metadata.generation) return {};
    return this.#keep(plugin, signal);
  }

  async #keep(plugin: AutoWeavePlugin, signal: AbortSignal): Promise<ReconcileResult> {
    const { effects, maxMemoryMegabytes, runnerPods } = this.#options;
    const replicas = plugin.spec.placement?.nodes === 'Any' ? await this.#replicas(plugin) : 0;
    const world = { plugin, runnerPods, maxMemoryMegabytes: maxMemoryMegabytes(), replicas };
    const workload = pluginWorkload(world);
    await this.#deleteAllBut(workload.resource, plugin, signal);
    const live = this.#live(workload.resource, plugin);
    // Its end brings another pass.
    if (live?.metadata.deletionTimestamp !== undefined) return {};
    if (live === undefined || live.kind !== 'Job' || isOfRevision(live, plugin)) {
      return this.#keepWorkload(plugin, { ...workload, live }, signal);
    }
    await effects.delete(workload.resource, live, signal);
    return {};
  }

  async #keepWorkload(
    plugin: AutoWeavePlugin,
    { live, object: wanted, resource }: PluginWorkload & { readonly live: Workload | undefined },
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    const { effects, faults } = this.#options;
    // A Job that is there runs this revision, and its template could not be changed.
    const isApplied = live?.kind === 'Job' || effects.isApplied(resource, wanted, live);
    const isShort = live !== undefined && isShortOfPods(live);
    const account = (): Promise<void> => effects.apply(builtinResources.serviceAccount, pluginAccount(plugin), signal);
    const fault = await keepWorkload(effects, { resource, wanted, live, isApplied, isShort, account }, signal);
    faults.set(objectKey(plugin), fault);
    return fault !== undefined || isShort || resource.kind === 'Deployment' ? lookAgain : {};
  }

  async #replicas(plugin: AutoWeavePlugin): Promise<number> {
    const { backlog, clock, workloads } = this.#options;
    const { name, namespace = '' } = plugin.metadata;
    const { maximum = 20, minimum = 2 } = plugin.spec.placement?.replicas ?? {};
    const current = workloads.deployment(workloadKey(plugin))?.spec.replicas;
    // Without Redis nobody knows how many jobs wait: it stays as it is.
    const jobs = await backlog({ namespace, name }).catch(() => undefined);
    if (jobs === undefined) return current ?? minimum;
    const memory = this.#memories.get(objectKey(plugin)) ?? [];
    const plan = planReplicas({ minimum, maximum, current, backlog: jobs, memory, now: clock.now() });
    this.#memories.set(objectKey(plugin), plan.memory);
    return plan.replicas;
  }

  async #deleteAllBut(kept: Resource | undefined, plugin: AutoWeavePlugin, signal: AbortSignal): Promise<void> {
    for (const resource of workloadResources) {
      const live = resource === kept ? undefined : this.#live(resource, plugin);
      if (live === undefined || live.metadata.deletionTimestamp !== undefined) continue;
      await this.#options.effects.delete(resource, live, signal);
    }
  }

  #live({ kind }: Resource, plugin: AutoWeavePlugin): Workload | undefined {
    const { workloads } = this.#options;
    const key = workloadKey(plugin);
    if (kind === 'DaemonSet') return workloads.daemonSet(key);
    return kind === 'Job' ? workloads.job(key) : workloads.deployment(key);
  }
}

function isOfRevision({ metadata }: Workload, plugin: AutoWeavePlugin): boolean {
  return metadata.annotations?.[revisionAnnotation] === onceRevision(plugin);
}
