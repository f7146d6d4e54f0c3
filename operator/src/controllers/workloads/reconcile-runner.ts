import { workloadNames } from '@autoweave/crds';
import { builtinResources, joinKey, type ReconcileResult } from '@autoweave/platform/kube';
import { keepWorkload } from '../../workloads/keep-workload.ts';
import { podLabels } from '../../workloads/pod-template.ts';
import { runnerDaemonSet } from '../../workloads/runner-daemon-set.ts';
import { mayHavePods, wantsPods } from '../../workloads/runner-pods.ts';
import { isShortOfPods } from '../../workloads/short-of-pods.ts';
import type { WorkloadsReconcilerOptions } from './reconcile-plugin.ts';

/** While something is wrong. */
const lookAgain: ReconcileResult = { requeueAfterMilliseconds: 15_000 };

/** One pass over the runners of a namespace. They go with its last plugin of runtime Thread. */
export async function reconcileRunner(
  { effects, faults, pluginsOf, runnerPods, workloads }: WorkloadsReconcilerOptions,
  namespace: string,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const resource = builtinResources.daemonSet;
  const live = workloads.daemonSet(joinKey({ namespace, name: workloadNames.runner }));
  const plugins = pluginsOf(namespace).filter((plugin) => plugin.spec.runtime !== 'Pod' && wantsPods(plugin));
  if (live?.metadata.deletionTimestamp !== undefined) return {};
  if (plugins.length === 0 || !mayHavePods(runnerPods, namespace)) {
    if (live !== undefined) await effects.delete(resource, live, signal);
    faults.set(namespace, undefined);
    return {};
  }
  const wanted = runnerDaemonSet({ namespace, plugins, runnerPods });
  const isApplied = effects.isApplied(resource, wanted, live);
  const isShort = live !== undefined && isShortOfPods(live);
  const metadata = { name: workloadNames.runner, namespace, labels: podLabels('runner') };
  const account = (): Promise<void> => effects.createAccount({ metadata, automountServiceAccountToken: false }, signal);
  const fault = await keepWorkload(effects, { resource, wanted, live, isApplied, isShort, account }, signal);
  faults.set(namespace, fault);
  return fault !== undefined || isShort ? lookAgain : {};
}
