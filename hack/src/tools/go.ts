import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../processes/run-command.ts';
import type { ToolContext } from './context.ts';
import { askVersion, findExecutables } from './executables.ts';
import { type FoundGo, planGo, toolchainModule } from './plan-go.ts';
import { isAtLeast } from './version.ts';
import { findPackageManager, installFirst } from './system-packages.ts';

/** A `go` command, with what must be set for it to build with a toolchain that is new enough. */
export interface Go {
  readonly path: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** @throws Error when there is no Go and none can be installed. */
export async function provideGo(context: ToolContext): Promise<Go> {
  const found = await newestGo(context);
  const step = planGo(found);
  if (step.kind === 'use') return { path: step.path, environment: { GOTOOLCHAIN: 'auto' } };
  if (step.kind === 'toolchain-module') return toolchainAsModule(context, step.path);
  const manager = await findPackageManager(context);
  await installFirst(context, manager, manager.go);
  if ((await newestGo(context)) === undefined) throw new Error(`${manager.command} installed Go, but no go is on PATH`);
  return provideGo(context);
}

async function newestGo({ searchPath }: ToolContext): Promise<FoundGo | undefined> {
  let newest: FoundGo | undefined;
  for (const path of await findExecutables('go', searchPath)) {
    const { version } = await askVersion(path, ['version']);
    if (version !== undefined && isAtLeast(version, newest?.version ?? version)) newest = { path, version };
  }
  return newest;
}

/** The checksum database vouches for it, as for every module. */
async function toolchainAsModule(context: ToolContext, go: string): Promise<Go> {
  const module = toolchainModule(context.platform);
  const output = await context.progress.during(`Getting ${module}`, () =>
    runCommand(go, ['mod', 'download', '-json', module]),
  );
  const { Dir: directory } = JSON.parse(output) as { readonly Dir: string };
  // Files of modules are not executable; a `go` that knows of toolchains sets these bits itself.
  const tools = join(directory, 'pkg/tool', `${context.platform.system}_${context.platform.architecture}`);
  await makeExecutable(join(directory, 'bin'));
  await makeExecutable(tools);
  return { path: join(directory, 'bin/go'), environment: { GOTOOLCHAIN: 'local' } };
}

async function makeExecutable(directory: string): Promise<void> {
  for (const name of await readdir(directory)) await chmod(join(directory, name), 0o755);
}
