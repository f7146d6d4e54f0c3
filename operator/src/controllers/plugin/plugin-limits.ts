import type { AutoWeavePlugin, AutoWeavePluginLimits, AutoWeavePolicy } from '@autoweave/crds';

const memoryMegabytesByLevel = { Low: 256, Medium: 128, High: 64 } as const;
const defaultTimeoutSeconds = 30;

/** What the plugin asks for, else what its security level gives, but never more than the policy allows. */
export function pluginLimits({ spec }: AutoWeavePlugin, policy: AutoWeavePolicy | undefined): AutoWeavePluginLimits {
  const { maxMemoryMegabytes = Infinity, maxTimeoutSeconds = Infinity } = policy?.spec.plugins ?? {};
  const { memoryMegabytes, timeoutSeconds = defaultTimeoutSeconds } = spec.resources ?? {};
  const wanted = memoryMegabytes ?? memoryMegabytesByLevel[spec.securityLevel ?? 'High'];
  return {
    memoryMegabytes: Math.min(wanted, maxMemoryMegabytes),
    timeoutSeconds: Math.min(timeoutSeconds, maxTimeoutSeconds),
  };
}
