import type { AutoWeavePlugin, AutoWeavePolicy } from '@autoweave/crds';
import type { PluginFault } from './plugin-fault.ts';

/** Why the plugin may not run; undefined when it may. */
export function permissionFault(
  { metadata, spec }: AutoWeavePlugin,
  policy: AutoWeavePolicy | undefined,
): PluginFault | undefined {
  if (spec.runtime === 'Pod') return { code: 'AW_RUNTIME_UNSUPPORTED', message: 'spec.runtime is Pod' };
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
