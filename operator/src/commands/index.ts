import { kubeSettings, list, loadConfig, logSettings, text, type Settings } from '@autoweave/platform/config';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { createLogger } from '@autoweave/platform/telemetry';
import { checkRelease } from './check-release.ts';
import { uninstall } from './uninstall.ts';

export interface CommandInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without the name of the command. */
  readonly argv: readonly string[];
}

export const commandSettings = {
  ...logSettings,
  ...kubeSettings,
  namespace: { description: 'Namespace of the operator.', schema: text(), default: 'autoweave-system' },
  pluginNamespaces: {
    description: 'Namespaces in which plugins may have pods, comma-separated; empty: all.',
    schema: list(),
    default: '',
  },
  nodeNamespace: { description: 'Namespace of the node agents.', schema: text(), default: 'autoweave-node' },
  operatorUrl: {
    description: 'Where the operator serves its probes.',
    schema: text(),
    default: 'http://autoweave-operator.autoweave-system.svc:8080',
  },
} as const satisfies Settings;

const uninstallMilliseconds = 120_000;
const checkMilliseconds = 120_000;

/** What the image of the operator does besides, by the first word on the command line. Each gives an exit code. */
export const commands: ReadonlyMap<string, (input: CommandInput) => Promise<number>> = new Map([
  ['uninstall', uninstallCommand],
  ['check', checkCommand],
]);

async function uninstallCommand(input: CommandInput): Promise<number> {
  const description = 'Stops the operator and removes what it made: workloads of plugins, labels of nodes.';
  const config = loadConfig({ name: 'autoweave-operator uninstall', description, settings: commandSettings, ...input });
  const logger = createLogger({ name: 'autoweave-operator', level: config.logLevel });
  const client = await connect(config.kubeconfig, input);
  const signal = AbortSignal.timeout(uninstallMilliseconds);
  const { namespace, pluginNamespaces } = config;
  await uninstall({ client, namespace, pluginNamespaces, logger, signal });
  return 0;
}

async function checkCommand(input: CommandInput): Promise<number> {
  const description = 'Waits until what was installed works, and says what does not.';
  const config = loadConfig({ name: 'autoweave-operator check', description, settings: commandSettings, ...input });
  const client = await connect(config.kubeconfig, input);
  const signal = AbortSignal.timeout(checkMilliseconds);
  const { nodeNamespace, operatorUrl } = config;
  const problems = await checkRelease({ client, nodeNamespace, operatorUrl, signal, say });
  say(problems.length === 0 ? 'Operator and node agents are ready' : `Does not work:\n${problems.join('\n')}`);
  return problems.length === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function connect(kubeconfigPath: string | undefined, { env }: CommandInput): Promise<KubeClient> {
  return new KubeClient(await loadClusterAccess({ kubeconfigPath, env }));
}
