import { childConfig, pluginConfig, podConfig, probePort, socketPath } from './config.ts';
import { onStop } from './ending.ts';
import { log } from './log.ts';
import { ProbeServer } from './probes.ts';
import { Supervisor } from './supervisor/supervisor.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * By parameters. A host is started by its supervisor; without parameters an executor is the parent. What a supervisor
 * does not need is not loaded into it.
 */
const roles: ReadonlyMap<string, (env: Environment) => Promise<void>> = new Map([
  ['', async (env) => (await import('./host.ts')).serveOnce(childConfig(env))],
  ['namespace', (env) => supervise(['namespace', 'host'], probePort(env))],
  ['namespace host', async (env) => (await import('./host.ts')).serveAlways(podConfig(env))],
  // Its sidecar answers probes.
  ['plugin', () => supervise(['plugin', 'host'], undefined)],
  ['plugin host', async (env) => (await import('./host.ts')).serveAlways(pluginConfig(env))],
  ['sidecar', relay],
]);

async function supervise(parameters: readonly string[], port: number | undefined): Promise<void> {
  const supervisor = new Supervisor({ parameters });
  if (port !== undefined) await new ProbeServer(supervisor.probes).start(port);
  onStop(() => supervisor.stop());
  await supervisor.run();
  process.exit();
}

async function relay(env: Environment): Promise<void> {
  const { Sidecar } = await import('./sidecar/sidecar.ts');
  const sidecar = new Sidecar({ executor: podConfig(env), socketPath: socketPath(env) });
  await sidecar.start();
  await new ProbeServer(sidecar.probes).start(probePort(env));
  await new Promise<void>(onStop);
  await sidecar.stop();
  process.exit();
}

try {
  const role = roles.get(process.argv.slice(2).join(' '));
  if (role === undefined) throw new Error(`say one of ${[...roles.keys()].filter(Boolean).join(', ')}`);
  await role(process.env);
} catch (error) {
  log('error', 'Failed', { reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
