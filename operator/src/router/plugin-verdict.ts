import {
  conditionTypes,
  type AutoWeavePlugin,
  type ErrorCode,
  type PluginRevision,
  type WaitingJob,
} from '@autoweave/crds';
import { isErrorCode } from '@autoweave/platform/errors';
import { findCondition, joinKey } from '@autoweave/platform/kube';
import type { PluginVerdict } from './room-state.ts';

/** What becomes of a job, by its plugin as it is now. */
export function pluginVerdict(
  job: Pick<WaitingJob, 'plugin' | 'pluginUid' | 'deviceName'>,
  plugin: AutoWeavePlugin | undefined,
  runnerNodes: (plugin: AutoWeavePlugin) => readonly string[] | undefined,
): PluginVerdict {
  const key = joinKey(job.plugin);
  if (plugin?.metadata.uid !== job.pluginUid || plugin.metadata.deletionTimestamp !== undefined) {
    return refused('AW_PLUGIN_GONE', `plugin ${key} was deleted`);
  }
  if (plugin.spec.suspend === true) return refused('AW_PLUGIN_GONE', `plugin ${key} is suspended`);
  return checkedVerdict(job, plugin, runnerNodes);
}

function checkedVerdict(
  job: Pick<WaitingJob, 'deviceName'>,
  plugin: AutoWeavePlugin,
  runnerNodes: (plugin: AutoWeavePlugin) => readonly string[] | undefined,
): PluginVerdict {
  const { metadata, status } = plugin;
  if (status === undefined || status.observedGeneration !== metadata.generation) return { state: 'pending' };
  if (status.phase !== undefined && finalPhases.has(status.phase)) return refusal(plugin);
  const revision = revisionOf(plugin);
  if (revision === undefined) return { state: 'pending' };
  const isAnywhere = hasPodsAnywhere(plugin);
  // Jobs of a device go to the node that holds it: there its pod comes, too.
  const nodes = isAnywhere || job.deviceName === undefined ? runnerNodes(plugin) : undefined;
  return { state: 'ready', revision, isAnywhere, ...(nodes === undefined ? {} : { nodes }) };
}

function hasPodsAnywhere({ spec }: AutoWeavePlugin): boolean {
  return spec.runtime === 'Pod' && spec.placement?.nodes === 'Any';
}

/** What executors load and call; undefined while it may not run. */
function revisionOf({ metadata, spec, status }: AutoWeavePlugin): PluginRevision | undefined {
  const { bundle, limits, permissions } = status ?? {};
  if (bundle === undefined || limits === undefined || permissions === undefined) return undefined;
  return { uid: metadata.uid ?? '', runtime: spec.runtime ?? 'Thread', bundleDigest: bundle.digest, ...limits };
}

const finalPhases: ReadonlySet<string> = new Set(['Rejected', 'Blocked', 'Failed']);

function refusal(plugin: AutoWeavePlugin): PluginVerdict {
  const conditions = plugin.status?.conditions ?? [];
  const message = findCondition(conditions, conditionTypes.ready)?.message ?? '';
  const code = /\bAW_[A-Z_]+\b/.exec(message)?.[0];
  return refused(isErrorCode(code) ? code : 'AW_PLUGIN_NOT_PERMITTED', message);
}

function refused(code: ErrorCode, message: string): PluginVerdict {
  return { state: 'refused', code, message };
}
