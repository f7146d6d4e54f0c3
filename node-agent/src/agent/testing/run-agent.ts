import { loadClusterAccess } from '@autoweave/platform/kube';
import { createLogger } from '@autoweave/platform/telemetry';
import { onTestFinished } from 'vitest';
import { Agent } from '../agent.ts';
import { loadAgentConfig, type AgentConfig } from '../config.ts';
import { SimulatedUsb } from '../sources/simulated-usb.ts';
import type { UsbParts } from '../usb-parts.ts';
import { temporaryDirectory } from './temporary-journal.ts';

export interface AgentEnvironment {
  readonly nodeName: string;
  readonly redisUrl: string;
  readonly kubeconfigPath: string;
  readonly flags?: readonly string[];
}

/** A budget that does not make tests wait, a free port, nothing on standard output. */
const testFlags = [
  '--probe-port=0',
  '--log-level=silent',
  '--writes-per-second=200',
  '--write-spacing-milliseconds=50',
];

export function agentConfig({ nodeName, redisUrl, flags = [] }: AgentEnvironment): AgentConfig {
  const argv = [...testFlags, `--node-name=${nodeName}`, `--redis-url=${redisUrl}`, ...flags];
  const named = flags.some((flag) => flag.startsWith('--journal-directory='));
  return loadAgentConfig({ env: {}, argv: named ? argv : [...argv, `--journal-directory=${temporaryDirectory()}`] });
}

export interface RunningAgent {
  readonly agent: Agent;
  readonly probe: (path: string) => Promise<string>;
}

/** In this process; stopped when the test ends. */
export async function runAgent(environment: AgentEnvironment, usb: UsbParts): Promise<RunningAgent> {
  const access = await loadClusterAccess({ kubeconfigPath: environment.kubeconfigPath });
  const logger = createLogger({ name: 'test', level: 'silent' });
  const agent = new Agent({ config: agentConfig(environment), access, usb, bootId: 'test', logger });
  onTestFinished(() => agent.stop());
  const { port } = await agent.start();
  const probe = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return { agent, probe };
}

/** A machine without devices, into which a test plugs. */
export function emptyMachine(): { usb: UsbParts; simulated: SimulatedUsb } {
  const simulated = new SimulatedUsb({ initial: 0, intervalMilliseconds: 0 });
  return { simulated, usb: { source: simulated, edgeSources: [simulated], dispose: () => simulated.dispose() } };
}
