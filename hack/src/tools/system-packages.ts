import { geteuid } from 'node:process';
import { CommandError, runCommand } from '../processes/run-command.ts';
import type { ToolContext } from './context.ts';
import { findExecutables } from './executables.ts';
import { packageManagers, type PackageManager, type Packages } from './package-manager.ts';

/** @throws Error when this machine has none that we know. */
export async function findPackageManager({ searchPath }: ToolContext): Promise<PackageManager> {
  for (const manager of packageManagers) {
    if ((await findExecutables(manager.command, searchPath)).length > 0) return manager;
  }
  throw new Error(`none of ${packageManagers.map(({ command }) => command).join(', ')} is there`);
}

/** Installs packages, all of them. @throws CommandError with what the package manager wrote. */
export async function installPackages(context: ToolContext, manager: PackageManager, names: Packages): Promise<void> {
  const label = `Installing ${names.join(', ')} with ${manager.command}`;
  await context.progress.during(label, async () => {
    if (manager.refresh !== undefined) await refresh(context, [manager.command, ...manager.refresh]);
    await runAsRoot(context, [manager.command, ...manager.install, ...names]);
  });
}

/** Installs the first of several alternatives that can be installed. @throws the last one's CommandError. */
export async function installFirst(
  context: ToolContext,
  manager: PackageManager,
  alternatives: readonly Packages[],
): Promise<Packages> {
  let failure: unknown;
  for (const names of alternatives) {
    try {
      await installPackages(context, manager, names);
      return names;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Runs a command as root: directly, or by sudo, which asks on the terminal when it must. */
export async function runAsRoot(context: ToolContext, command: readonly string[]): Promise<void> {
  const [name = '', ...parameters] = command;
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  if (geteuid?.() === 0) {
    await runCommand(name, parameters, { environment });
    return;
  }
  const [sudo] = await findExecutables('sudo', context.searchPath);
  if (sudo === undefined) throw new Error(`${command.join(' ')} needs root, and sudo is not there`);
  await runCommand(sudo, ['DEBIAN_FRONTEND=noninteractive', ...command]);
}

/** A broken third-party source fails the refresh, though what we need may be there: the install tells. */
async function refresh(context: ToolContext, command: readonly string[]): Promise<void> {
  try {
    await runAsRoot(context, command);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    context.progress.note(`Went on after: ${error.message}`);
  }
}
