import { hostname } from 'node:os';
import {
  integer,
  kubeSettings,
  loadConfig,
  logSettings,
  probeSettings,
  redisSettings,
  text,
  type Config,
  type LoadConfigOptions,
  type Settings,
} from '@autoweave/platform/config';

const settings = {
  ...logSettings,
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
} as const satisfies Settings;

export type OperatorConfig = Config<typeof settings>;

/** @throws AutoWeaveError AW_CONFIG_INVALID, HelpRequested */
export function loadOperatorConfig({ env, argv }: Pick<LoadConfigOptions<Settings>, 'env' | 'argv'>): OperatorConfig {
  const description = 'Decides for the cluster: conditions of devices, life of plugins, the way of events and jobs.';
  return loadConfig({ name: 'autoweave-operator', description, settings, env, argv });
}
