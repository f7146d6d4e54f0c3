import {
  type Config,
  integer,
  kubeSettings,
  loadConfig,
  logSettings,
  nodeSettings,
  optionalText,
  port,
  probeSettings,
  redisSettings,
  telemetrySettings,
  type Settings,
  text,
} from '@autoweave/platform/config';
import { AutoWeaveError } from '@autoweave/platform/errors';

const settings = {
  ...logSettings,
  ...nodeSettings,
  ...redisSettings,
  ...telemetrySettings,
  ...probeSettings,
  kubeconfig: {
    ...kubeSettings.kubeconfig,
    description: `${kubeSettings.kubeconfig.description} Needed with --runner-port only.`,
  },
  probePort: { ...probeSettings.probePort, default: '8082' },
  agentUrl: {
    description: 'Where the agent of this node serves /devices.',
    schema: text(),
    default: 'http://127.0.0.1:8081',
  },
  runnerEntry: {
    description: 'Main module of the runner (plugins/runner/src/main.ts): plugins of runtime Thread run in processes.',
    schema: optionalText(),
  },
  runnerDirectory: {
    description: 'Directory for the socket of these processes, made private to this user; default: a temporary one.',
    schema: optionalText(),
  },
  runnerHost: {
    description: 'Address of --runner-port.',
    schema: text(),
    default: '0.0.0.0',
  },
  runnerPort: {
    description: 'Port that runner pods dial: all plugins run in these, but for those that --runner-entry takes.',
    schema: port().optional(),
  },
  concurrency: {
    description: 'How many jobs of this node run at once, each of another plugin.',
    schema: integer({ minimum: 1, maximum: 256 }),
    default: '16',
  },
} as const satisfies Settings;

export type ExecutorConfig = Config<typeof settings>;

/** @throws AutoWeaveError AW_CONFIG_INVALID, HelpRequested */
export function executorConfig(
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): ExecutorConfig {
  const description =
    'Runs the jobs of one node: takes its lane from Redis, and plugins run in runners, which are processes or pods.';
  const config = loadConfig({ name: 'autoweave-executor', description, settings, env, argv });
  if (config.runnerEntry !== undefined || config.runnerPort !== undefined) return config;
  const message =
    '--runner-port (AW_RUNNER_PORT) or --runner-entry (AW_RUNNER_ENTRY) is required, or no plugin can run';
  throw new AutoWeaveError('AW_CONFIG_INVALID', message);
}
