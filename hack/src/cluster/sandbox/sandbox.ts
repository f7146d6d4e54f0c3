import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { runCommand } from '../../processes/run-command.ts';
import { insideDirectory } from '../layout.ts';
import { network } from '../network.ts';
import { childrenOf, identifyProcess, isRunning, type ProcessIdentity } from './process-table.ts';

const init = join(import.meta.dirname, 'init.sh');
const readyTimeoutMilliseconds = 30_000;
const pollMilliseconds = 20;

/** How to find a sandbox again. */
export interface SandboxIdentity {
  /** Process 1 in it, as seen from outside. */
  readonly holder: ProcessIdentity;
  /** Process group that ends it when it is killed. */
  readonly group: number;
}

/**
 * Namespaces of processes, mounts, network and IPC, with one process that holds them. When it ends, the kernel ends all
 * processes in them and removes their mounts, network interfaces and nftables rules.
 */
export class Sandbox {
  readonly identity: SandboxIdentity;

  /** A sandbox that runs, or ran. */
  constructor(identity: SandboxIdentity) {
    this.identity = identity;
  }

  /** It goes on when this process ends. @throws AutoWeaveError AW_LOCAL_SERVER_FAILED with what the init wrote. */
  static async start(directory: string, logFile: string): Promise<Sandbox> {
    const namespaces = ['--mount', '--pid', '--net', '--ipc', '--mount-proc', '--propagation=private'];
    const parameters = [directory, insideDirectory, network.nodes.host, String(network.nodePrefix)];
    const command = ['unshare', ...namespaces, '--fork', '--kill-child', init, ...parameters];
    const outer = await spawnDetached({ command, logFile });
    const deadline = AbortSignal.timeout(readyTimeoutMilliseconds);
    const isReady = join(directory, 'sandbox-is-ready');
    while (!(await exists(isReady))) {
      if (deadline.aborted || (await identifyProcess(outer)) === undefined) {
        const message = `The sandbox of the cluster did not start:\n${await readFile(logFile, 'utf8')}`;
        throw new AutoWeaveError('AW_LOCAL_SERVER_FAILED', message);
      }
      await delay(pollMilliseconds);
    }
    return new Sandbox({ holder: await onlyChild(outer), group: outer });
  }

  /** A path in it, as this process can use it; short, as paths of sockets must be. */
  path(inside: string): string {
    return `/proc/${this.identity.holder.id}/root${inside}`;
  }

  isRunning(): Promise<boolean> {
    return isRunning(this.identity.holder);
  }

  /** Runs a command in it to its end. @throws CommandError. */
  run(command: readonly string[]): Promise<string> {
    const [program = '', ...parameters] = this.#entering(command);
    return runCommand(program, parameters);
  }

  /** Starts a command in it, which goes on when this process ends. */
  async spawn(command: readonly string[], logFile: string): Promise<ProcessIdentity> {
    // To enter a namespace of processes nsenter must fork; it ends when its child does.
    return onlyChild(await spawnDetached({ command: this.#entering(command), logFile }));
  }

  /** Ends everything in it; resolves when it is over. */
  async kill(): Promise<void> {
    await killProcess(this.identity.holder);
  }

  #entering(command: readonly string[]): string[] {
    return ['nsenter', `--target=${this.identity.holder.id}`, '--mount', '--pid', '--net', '--ipc', '--', ...command];
  }
}

/** SIGKILL; resolves when the process is gone. */
export async function killProcess(target: ProcessIdentity): Promise<void> {
  if (!(await isRunning(target))) return;
  process.kill(target.id, 'SIGKILL');
  while (await isRunning(target)) await delay(pollMilliseconds);
}

async function spawnDetached(options: {
  readonly command: readonly string[];
  readonly logFile: string;
}): Promise<number> {
  const [program = '', ...parameters] = options.command;
  const log = openSync(options.logFile, 'a');
  const child = spawn(program, parameters, { cwd: '/', stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  return child.pid ?? 0;
}

async function onlyChild(parent: number): Promise<ProcessIdentity> {
  while ((await identifyProcess(parent)) !== undefined) {
    const [child] = await childrenOf(parent);
    const identity = child === undefined ? undefined : await identifyProcess(child);
    if (identity !== undefined) return identity;
    await delay(pollMilliseconds);
  }
  throw new Error(`Process ${parent} ended before it started the other one`);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
