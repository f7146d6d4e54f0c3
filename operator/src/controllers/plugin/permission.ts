import type { AutoWeavePlugin, AutoWeavePolicy } from '@autoweave/crds';
import type { PluginFault } from '../../plugin-fault.ts';
import { mayHavePods, type RunnerPods } from '../../workloads/runner-pods.ts';

/** Why the plugin may not run; undefined when it may. */
export function permissionFault(
  plugin: AutoWeavePlugin,
  policy: AutoWeavePolicy | undefined,
  runnerPods: RunnerPods | undefined,
): PluginFault | undefined {
  return runtimeFault(plugin, runnerPods) ?? policyFault(plugin, policy);
}

function runtimeFault(
  { metadata, spec }: AutoWeavePlugin,
  runnerPods: RunnerPods | undefined,
): PluginFault | undefined {
  if (runnerPods === undefined) {
    if (spec.runtime !== 'Pod') return undefined;
    return { code: 'AW_RUNTIME_UNSUPPORTED', message: 'spec.runtime is Pod, and the operator makes no pods' };
  }
  if (mayHavePods(runnerPods, metadata.namespace)) return undefined;
  const allowed = runnerPods.namespaces.join(', ');
  const message = `plugins may have pods in ${allowed}, and namespace ${metadata.namespace ?? ''} is none of them`;
  return { code: 'AW_NAMESPACE_NOT_ALLOWED', message };
}

function policyFault({ metadata }: AutoWeavePlugin, policy: AutoWeavePolicy | undefined): PluginFault | undefined {
  if (policy === undefined) {
    return {
      code: 'AW_PLUGIN_NOT_PERMITTED',
      message: 'there is no AutoWeavePolicy default, so no unsigned plugin runs',
    };
  }
  const allowed = (policy.spec.plugins?.allowUnsigned ?? []).map(({ namespace }) => namespace);
  if (allowed.includes('*') || allowed.includes(metadata.namespace ?? '')) return undefined;
  const message = `the plugin is not signed, and namespace ${metadata.namespace ?? ''} is not in spec.plugins.allowUnsigned of AutoWeavePolicy default`;
  return { code: 'AW_PLUGIN_NOT_PERMITTED', message };
}
