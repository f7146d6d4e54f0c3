import {
  type Config,
  integer,
  loadConfig,
  logSettings,
  nodeSettings,
  optionalText,
  probeSettings,
  redisSettings,
  type Settings,
  text,
} from '@autoweave/platform/config';

const settings = {
  ...logSettings,
  ...nodeSettings,
  ...redisSettings,
  ...probeSettings,
  probePort: { ...probeSettings.probePort, default: '8082' },
  agentUrl: {
    description: 'Where the agent of this node serves /devices.',
    schema: text(),
    default: 'http://127.0.0.1:8081',
  },
  runnerEntry: {
    description: 'Path of the main module of the runner (plugins/runner/src/main.ts).',
    schema: text(),
  },
  runnerDirectory: {
    description: 'Directory for the socket of the runners, made private to this user; default: a temporary one.',
    schema: optionalText(),
  },
  concurrency: {
    description: 'How many jobs of this node run at once, each of another plugin.',
    schema: integer({ minimum: 1, maximum: 256 }),
    default: '16',
  },
} as const satisfies Settings;

export type ExecutorConfig = Config<typeof settings>;

/** @throws AutoWeaveError AW_CONFIG_INVALID */
export function executorConfig(
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): ExecutorConfig {
  const description =
    'Runs the jobs of one node: takes its lane from Redis, and plugins run in runners that it starts.';
  return loadConfig({ name: 'autoweave-executor', description, settings, env, argv });
}
