import { join } from 'node:path';
import { freePorts } from '../processes/free-ports.ts';
import { ServerProcess } from '../processes/server-process.ts';
import type { RunDirectory } from './run-directory.ts';
import type { UsbSourceChoice } from './start-config.ts';
import type { Part } from './supervisor.ts';

const root = join(import.meta.dirname, '../../..');
/** Longer than an operator or an agent takes, and short enough for all to end within 5 s of Ctrl-C. */
const stopGraceMilliseconds = 3_500;

export interface ProductOptions {
  readonly run: RunDirectory;
  readonly kubeconfigPath: string;
  readonly redisUrl: string;
  readonly nodeName: string;
  readonly usbSource: UsbSourceChoice;
  readonly logLevel: string;
  /** Namespace of the Lease. */
  readonly namespace: string;
  /** Of this process: where programs are found, and the like. */
  readonly environment: NodeJS.ProcessEnv;
}

/** The operator, and the agent and the executor of one node, as they run in a cluster. */
export interface ProductProcesses {
  readonly parts: readonly Part[];
  /** Resolves when all are ready. @throws AutoWeaveError AW_LOCAL_SERVER_FAILED */
  start(): Promise<void>;
  /** The executor first, so that it gives its jobs back while there is somebody to take them. */
  stop(): Promise<void>;
}

interface Program {
  readonly name: string;
  /** Below the root of the repository. */
  readonly entry: string;
  readonly port: number;
  /** Path of the probe that tells that it does its work. */
  readonly probe: string;
  readonly settings: Readonly<Record<string, string>>;
}

export async function makeProductProcesses(options: ProductOptions): Promise<ProductProcesses> {
  const { run, nodeName, namespace, usbSource } = options;
  const [operatorPort = 0, agentPort = 0, executorPort = 0] = await freePorts(3);
  const executor = makeProcess(options, {
    name: 'executor',
    entry: 'node-agent/src/executor/main.ts',
    port: executorPort,
    probe: '/readyz',
    settings: {
      NODE_NAME: nodeName,
      AW_AGENT_URL: `http://127.0.0.1:${agentPort}`,
      AW_RUNNER_ENTRY: join(root, 'plugins/runner/src/main.ts'),
    },
  });
  const agent = makeProcess(options, {
    name: 'agent',
    entry: 'node-agent/src/agent/main.ts',
    port: agentPort,
    // With --usb-source=kernel and no USB tree it does its work, and shows that there is none.
    probe: '/readyz?exclude=usb',
    settings: { NODE_NAME: nodeName, AW_USB_SOURCE: usbSource, AW_JOURNAL_DIRECTORY: run.state },
  });
  const operator = makeProcess(options, {
    name: 'operator',
    entry: 'operator/src/main.ts',
    port: operatorPort,
    probe: '/readyz',
    settings: { AW_NAMESPACE: namespace, POD_NAME: 'local' },
  });
  const processes = [executor, agent, operator];
  return {
    parts: processes.map(({ part }) => part),
    start: async () => {
      await Promise.all(processes.map(({ server }) => server.start()));
    },
    stop: async () => {
      await Promise.all(processes.map(({ server }) => server.stop(stopGraceMilliseconds)));
    },
  };
}

function makeProcess(options: ProductOptions, program: Program): { part: Part; server: ServerProcess } {
  const { run, kubeconfigPath, redisUrl, logLevel, environment } = options;
  const { name, entry, port, probe, settings } = program;
  const logFile = run.logFile(name);
  const server = new ServerProcess({
    command: process.execPath,
    parameters: [join(root, entry)],
    directory: run.state,
    logFile,
    environment: {
      ...environment,
      KUBECONFIG: kubeconfigPath,
      REDIS_URL: redisUrl,
      LOG_LEVEL: logLevel,
      AW_PROBE_HOST: '127.0.0.1',
      AW_PROBE_PORT: String(port),
      ...settings,
    },
    isReady: async (signal) => (await fetch(`http://127.0.0.1:${port}${probe}`, { signal })).ok,
  });
  const part = {
    name,
    logFile,
    isAlive: async () => server.processId !== undefined,
    restart: () => server.start(),
  };
  return { part, server };
}
