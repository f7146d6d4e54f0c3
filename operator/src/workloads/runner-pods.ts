import type { AutoWeavePlugin } from '@autoweave/crds';
import type { OperatorConfig } from '../config.ts';

/** What the pods are made of that run plugins. */
export interface RunnerPods {
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets in the namespaces of plugins. */
  readonly imagePullSecrets: readonly string[];
  /** `host:port` of the executor of the pod's own node. */
  readonly executorAddress: string;
  /** Of the plugin's container: a file below the seccomp folder of the kubelet; undefined: the runtime's default. */
  readonly pluginSeccompProfile: string | undefined;
  /** Undefined: the cluster's default. */
  readonly priorityClass: string | undefined;
  /** Where pods may be made; empty: everywhere. */
  readonly namespaces: readonly string[];
}

/** Undefined where executors start runners as child processes. */
export function runnerPodsOf(config: OperatorConfig): RunnerPods | undefined {
  if (!config.runnerPods || config.runnerImage === undefined) return undefined;
  return {
    image: config.runnerImage,
    imagePullPolicy: config.runnerImagePullPolicy,
    imagePullSecrets: config.runnerImagePullSecrets,
    executorAddress: config.executorAddress,
    pluginSeccompProfile: config.pluginSeccompProfile,
    priorityClass: config.pluginPriorityClass,
    namespaces: config.pluginNamespaces,
  };
}

export function mayHavePods({ namespaces }: RunnerPods, namespace: string | undefined): boolean {
  return namespaces.length === 0 || namespaces.includes(namespace ?? '');
}

/** Its bundle was checked, the policy lets it run, and nobody stopped it: it should have pods. */
export function wantsPods({ metadata, spec, status }: AutoWeavePlugin): boolean {
  const isWanted = metadata.deletionTimestamp === undefined && spec.suspend !== true;
  return isWanted && status?.bundle !== undefined && status.permissions !== undefined;
}
