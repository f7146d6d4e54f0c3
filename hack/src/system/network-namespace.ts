import { spawn } from 'node:child_process';
import { runCommand } from '../processes/run-command.ts';

/** Ctrl-C reaches the child, too, and it is the child that has something to clean up. */
const ignore = () => undefined;

const insideFlag = '--inside';

/** True in the process that `enterNetworkNamespace` started. */
export function isInsideNetworkNamespace(argv: readonly string[]): boolean {
  return argv.includes(insideFlag);
}

/**
 * Runs the main module again in a network namespace of its own, where made-up uevents reach nobody but the contenders.
 * Needs no root: then it makes a user namespace, too.
 *
 * @returns its exit code.
 */
export async function enterNetworkNamespace(main: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const flags = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];
  const parameters = [...flags, process.execPath, main, ...process.argv.slice(2), insideFlag];
  const child = spawn('unshare', parameters, { stdio: 'inherit', env: { ...process.env, ...environment } });
  process.on('SIGINT', ignore);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new Error(`unshare (util-linux) cannot be run: ${error.message}`)));
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** A new network namespace has a loopback interface, but it is down. */
export async function bringLoopbackUp(): Promise<void> {
  await runCommand('ip', ['link', 'set', 'lo', 'up']);
}
