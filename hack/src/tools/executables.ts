import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../processes/run-command.ts';
import type { FoundTool } from './plan-product.ts';
import { parseVersion } from './version.ts';

/** Every executable file of that name in the directories, in their order. */
export async function findExecutables(name: string, directories: readonly string[]): Promise<string[]> {
  const paths = directories.map((directory) => join(directory, name));
  const usable = await Promise.all(paths.map(isExecutableFile));
  return paths.filter((_path, index) => usable[index]);
}

/** The executable, with the version it prints when it is run with `versionParameters`. */
export async function askVersion(path: string, versionParameters: readonly string[]): Promise<FoundTool> {
  const signal = AbortSignal.timeout(10_000);
  const output = await runCommand(path, versionParameters, { signal }).catch(() => '');
  return { path, version: parseVersion(output) };
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
