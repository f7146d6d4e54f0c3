import type { AutoWeavePlugin, AutoWeavePluginLimits, AutoWeavePolicy, PluginRevision } from '@autoweave/crds';
import { errorMessage } from '@autoweave/platform/errors';
import { isConflict, type KubeClient, type ReconcileResult } from '@autoweave/platform/kube';
import type { BundleStore, Clock, ExecutorPresence, Lanes, ResultStore } from '../../ports.ts';
import type { Placements } from '../../workloads/placements.ts';
import type { RunnerPods } from '../../workloads/runner-pods.ts';
import { type CheckedBundle, checkSource } from './check-source.ts';
import type { Departures } from './departures.ts';
import { PassPace } from './pass-pace.ts';
import { permissionFault } from './permission.ts';
import { planPlugin } from './plan.ts';
import { planWorkers, settleWorker, type WorkplaceExecutor } from './plan-workers.ts';
import type { Outcome, PluginFault } from '../../plugin-fault.ts';
import { pluginLimits } from './plugin-limits.ts';
import { resolveSource } from './resolve-source.ts';
import type { Sightings } from './sightings.ts';
import type { StatusWriter } from './status-writer.ts';
import { isWaiting, revisionName, type Worker, workerJob, workerJobId } from './worker-job.ts';

export interface PluginReconcilerOptions {
  readonly client: KubeClient;
  readonly plugin: (key: string) => AutoWeavePlugin | undefined;
  /** AutoWeavePolicy `default`. */
  readonly policy: () => AutoWeavePolicy | undefined;
  readonly bundles: BundleStore;
  readonly lanes: Lanes;
  readonly results: ResultStore;
  readonly executors: ExecutorPresence;
  /** Undefined where executors start runners as child processes. */
  readonly runnerPods: RunnerPods | undefined;
  /** There with `runnerPods`. */
  readonly placements: Pick<Placements, 'placement' | 'places'> | undefined;
  readonly departures: Departures;
  readonly statusWriter: StatusWriter;
  readonly clock: Clock;
}

/** What the API server says about a plugin. */
interface Judgement {
  readonly checked: Outcome<CheckedBundle>;
  readonly denial: PluginFault | undefined;
  readonly limits: AutoWeavePluginLimits;
  /** What should be loaded; undefined: nothing. */
  readonly revision: PluginRevision | undefined;
}

/** One pass over one plugin: judge its source, see how far the executors are, write the status, ask for what is missing. */
export class PluginReconciler {
  readonly #options: PluginReconcilerOptions;
  readonly #pace: PassPace;

  constructor(options: PluginReconcilerOptions) {
    this.#options = options;
    this.#pace = new PassPace(options.clock);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { clock, placements, plugin: find, statusWriter } = this.#options;
    const plugin = find(key);
    if (plugin === undefined) {
      await this.#unloadDeparted(key);
      return {};
    }
    if (plugin.metadata.deletionTimestamp !== undefined) return {};
    const pause = this.#pace.begin(key, plugin.metadata.resourceVersion);
    if (pause > 0) return { requeueAfterMilliseconds: pause };
    const judgement = await this.#judge(plugin, signal);
    const seen = await this.#look(plugin, judgement);
    const placement = placements?.placement(plugin);
    const plan = planPlugin({ plugin, ...judgement, seen, placement, now: clock.now() });
    try {
      const wait = await statusWriter.write(plugin, plan.status, signal);
      if (wait > 0) return { requeueAfterMilliseconds: wait };
    } catch (error) {
      // Hearing of the change will bring another pass.
      if (isConflict(error)) return {};
      throw error;
    }
    if (!seen.ok) throw seen.error;
    // Only now: the id of a job depends on what the status says.
    await this.#ask(plugin, judgement, seen.workers);
    return { requeueAfterMilliseconds: plan.requeueAfterMilliseconds };
  }

  async #judge(plugin: AutoWeavePlugin, signal: AbortSignal): Promise<Judgement> {
    const { client, policy, runnerPods } = this.#options;
    const source = await resolveSource(client, plugin, signal);
    const { pod, source: wanted } = plugin.spec;
    const expected = { digest: wanted.digest, hasImage: pod?.image !== undefined };
    const checked = source.ok ? checkSource(source.value, expected) : source;
    const denial = permissionFault(plugin, policy(), runnerPods);
    const limits = pluginLimits(plugin, policy());
    const mayRun = denial === undefined && plugin.spec.suspend !== true;
    const revision = checked.ok && mayRun ? revisionOf(plugin, limits, checked.value.digest) : undefined;
    return { checked, denial, limits, revision };
  }

  /** Never throws: a plugin whose spec is wrong must be told so without Redis, too. */
  async #look(plugin: AutoWeavePlugin, { checked, revision }: Judgement): Promise<Sightings> {
    const { bundles, results } = this.#options;
    const { name, namespace = '' } = plugin.metadata;
    try {
      if (revision !== undefined && checked.ok) await bundles.publish(checked.value.digest, checked.value.json);
      const workers = await this.#workers(plugin, revision);
      return { ok: true, workers, results: await results.pluginResults({ namespace, name }) };
    } catch (error) {
      return { ok: false, error, message: errorMessage(error) };
    }
  }

  async #workers(plugin: AutoWeavePlugin, revision: PluginRevision | undefined): Promise<readonly Worker[]> {
    const { clock, results } = this.#options;
    const { metadata, status } = plugin;
    const workers = planWorkers({
      revision: revision === undefined ? undefined : revisionName(revision),
      known: status?.workers ?? [],
      executors: await this.#executors(plugin),
      now: clock.now(),
    });
    const jobId = (worker: Worker): string => workerJobId(metadata.uid ?? '', worker);
    const records = await results.records(workers.filter(isWaiting).map(jobId));
    return workers.map((worker) => settleWorker(worker, records.get(jobId(worker)), clock.now()));
  }

  /** Those that can reach a runner for the plugin. */
  async #executors(plugin: AutoWeavePlugin): Promise<readonly WorkplaceExecutor[]> {
    const { executors, placements } = this.#options;
    const all = await executors.list();
    if (placements === undefined) return all;
    const places = placements.places(plugin);
    return all.flatMap(({ instance, node }) => {
      const place = places.get(node);
      if (place === undefined) return [];
      return [{ node, instance: `${instance}-${place.pods}`, isWanted: place.isWanted }];
    });
  }

  async #ask(
    plugin: AutoWeavePlugin,
    { limits, revision }: Pick<Judgement, 'limits' | 'revision'>,
    workers: readonly Worker[],
  ): Promise<void> {
    const { clock, lanes } = this.#options;
    const asked = revision ?? revisionOf(plugin, limits, plugin.status?.bundle?.digest ?? '');
    for (const worker of workers.filter(isWaiting)) {
      await lanes.add(worker.node, workerJob(plugin, worker, { revision: asked, now: clock.now() }));
    }
  }

  async #unloadDeparted(key: string): Promise<void> {
    const { clock, departures, statusWriter } = this.#options;
    statusWriter.forget(key);
    this.#pace.forget(key);
    const plugin = departures.get(key);
    if (plugin === undefined) return;
    const workers = planWorkers({
      revision: undefined,
      known: plugin.status?.workers ?? [],
      executors: await this.#executors(plugin),
      now: clock.now(),
    });
    await this.#ask(plugin, { limits: pluginLimits(plugin, undefined), revision: undefined }, workers);
    departures.settle(plugin);
  }
}

function revisionOf(plugin: AutoWeavePlugin, limits: AutoWeavePluginLimits, bundleDigest: string): PluginRevision {
  return { uid: plugin.metadata.uid ?? '', runtime: plugin.spec.runtime ?? 'Thread', bundleDigest, ...limits };
}
