import { hostname } from 'node:os';
import {
  choice,
  integer,
  kubeSettings,
  list,
  loadConfig,
  logSettings,
  optionalText,
  probeSettings,
  redisSettings,
  telemetrySettings,
  text,
  toggle,
  type Config,
  type LoadConfigOptions,
  type Settings,
} from '@autoweave/platform/config';
import { AutoWeaveError } from '@autoweave/platform/errors';

const settings = {
  ...logSettings,
  ...telemetrySettings,
  ...probeSettings,
  ...redisSettings,
  ...kubeSettings,
  namespace: {
    description: 'Namespace of the Lease that elects the leader; it must exist.',
    schema: text(),
    default: 'autoweave-system',
  },
  podName: {
    description: 'Name of this replica in logs and Events.',
    schema: text(),
    env: 'POD_NAME',
    default: hostname().toLowerCase(),
  },
  leaseSeconds: {
    description: 'How long other replicas wait for a leader that fell silent.',
    schema: integer({ minimum: 3, maximum: 120 }),
    default: '15',
  },
  laneWindow: {
    description:
      'Most unfinished jobs in the lane of one executor, of one plugin half of that; more wait at their devices.',
    schema: integer({ minimum: 1, maximum: 1_000 }),
    default: '16',
  },
  eventJobSeconds: {
    description: 'How long an event waits for the executor of its node before its job fails with AW_JOB_EXPIRED.',
    schema: integer({ minimum: 1, maximum: 86_400 }),
    default: '600',
  },
  runnerPods: {
    description: 'Runners are pods, which this operator makes; else executors start them as child processes.',
    schema: toggle(),
    default: 'false',
    switch: true,
  },
  runnerImage: { description: 'Image of the runner; required with --runner-pods.', schema: optionalText() },
  runnerImagePullPolicy: {
    description: 'When the image of the runner is pulled: Always, IfNotPresent, Never.',
    schema: choice(['Always', 'IfNotPresent', 'Never']),
    default: 'IfNotPresent',
  },
  runnerImagePullSecrets: {
    description: 'Secrets in the namespaces of plugins that give access to the image of the runner, comma-separated.',
    schema: list(),
    default: '',
  },
  executorAddress: {
    description: 'host:port at which a runner pod reaches the executor of its own node.',
    schema: text(),
    default: 'autoweave-executor.autoweave-node.svc:7788',
  },
  pluginSeccompProfile: {
    description:
      "Seccomp profile of plugin containers, below the kubelet's seccomp folder; RuntimeDefault without one.",
    schema: optionalText(),
  },
  pluginPriorityClass: {
    description: "PriorityClass of the pods of plugins; the cluster's default without one.",
    schema: optionalText(),
  },
  pluginNamespaces: {
    description: 'Namespaces in which plugins may have pods, comma-separated; empty: all.',
    schema: list(),
    default: '',
  },
} as const satisfies Settings;

export type OperatorConfig = Config<typeof settings>;

/** @throws AutoWeaveError AW_CONFIG_INVALID, HelpRequested */
export function loadOperatorConfig({ env, argv }: Pick<LoadConfigOptions<Settings>, 'env' | 'argv'>): OperatorConfig {
  const description = 'Decides for the cluster: conditions of devices, life of plugins, the way of events and jobs.';
  const config = loadConfig({ name: 'autoweave-operator', description, settings, env, argv });
  if (config.runnerPods && config.runnerImage === undefined) {
    const message = '--runner-image (AW_RUNNER_IMAGE) is required with --runner-pods: name the image of the runner';
    throw new AutoWeaveError('AW_CONFIG_INVALID', `autoweave-operator: ${message}`);
  }
  return config;
}
