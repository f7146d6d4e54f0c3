import type { RunnerPods } from '../runner-pods.ts';

export function testRunnerPods(changes: Partial<RunnerPods> = {}): RunnerPods {
  return {
    image: 'autoweave/runner:0.1.0',
    imagePullPolicy: 'IfNotPresent',
    imagePullSecrets: [],
    executorAddress: 'autoweave-executor.autoweave-node.svc:7788',
    pluginSeccompProfile: undefined,
    priorityClass: undefined,
    namespaces: [],
    ...changes,
  };
}
