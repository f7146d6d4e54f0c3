import { nodeLabels, workloadNames, type AutoWeavePlugin } from '@autoweave/crds';
import type { ApplyConfiguration } from '@autoweave/platform/kube';
import type { DaemonSet } from './kinds.ts';
import {
  affinityTo,
  commonPodSpec,
  containerSecurity,
  podLabels,
  runnerContainer,
  runnerProbes,
  tokenMount,
  tokenVolume,
  variables,
} from './pod-template.ts';
import { nodeByNode } from './plugin-workload.ts';
import type { RunnerPods } from './runner-pods.ts';

export interface RunnerWorld {
  readonly namespace: string;
  /** Those of runtime Thread that should run; at least one. */
  readonly plugins: readonly AutoWeavePlugin[];
  readonly runnerPods: RunnerPods;
}

/** The runners of a namespace: one a node, wherever one of its plugins of runtime Thread belongs. */
export function runnerDaemonSet({ namespace, plugins, runnerPods }: RunnerWorld): ApplyConfiguration<DaemonSet> {
  const { imagePullSecrets } = runnerPods;
  const labels = podLabels('runner');
  const isEverywhere = plugins.some(({ spec }) => spec.placement?.nodes === 'Any');
  const container = {
    ...runnerContainer('runner', 'namespace', runnerPods),
    env: variables({ AW_RUNNER_NAMESPACE: namespace, AW_EXECUTOR_ADDRESS: runnerPods.executorAddress }),
    resources: {
      requests: { cpu: '10m', memory: '64Mi' },
      limits: { cpu: '2', memory: `${memoryMegabytes(plugins)}Mi`, 'ephemeral-storage': '256Mi' },
    },
    ...runnerProbes,
    securityContext: containerSecurity(),
    volumeMounts: [tokenMount],
  };
  const spec = {
    ...commonPodSpec(runnerPods),
    serviceAccountName: workloadNames.runner,
    containers: [container],
    volumes: [tokenVolume],
    ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    ...(isEverywhere ? {} : { affinity: affinityTo(nodeLabels.runner(namespace)) }),
  };
  return {
    metadata: { name: workloadNames.runner, namespace, labels },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': 'autoweave-runner' } },
      template: { metadata: { labels }, spec },
      updateStrategy: nodeByNode,
      revisionHistoryLimit: 3,
    },
  };
}

/**
 * In steps of the double: another plugin more or less must not start all others anew. The runner itself ends a plugin
 * that uses too much (memory-guard.ts), long before the kernel does.
 */
function memoryMegabytes(plugins: readonly AutoWeavePlugin[]): number {
  const needed = plugins.map(({ status }) => 2 * (status?.limits?.memoryMegabytes ?? 64) + 48);
  const sum = 256 + needed.reduce((total, megabytes) => total + megabytes, 0);
  return 2 ** Math.ceil(Math.log2(Math.max(sum, 512)));
}
