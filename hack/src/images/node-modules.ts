import { cp, mkdir, readFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { contentKey } from '../guest/content-key.ts';
import { runCommand } from '../processes/run-command.ts';
import { cacheEntry } from '../tools/cache.ts';
import type { ToolContext } from '../tools/index.ts';
import type { Architecture } from './external-packages.ts';
import { readPackageLock, workspacesOf } from './package-lock.ts';
import { repository } from './repository.ts';

/**
 * Production packages for Linux on an architecture: those of this repository where that is what runs it, else npm gets
 * what package-lock.json pins for it. No install script runs: all native packages of ours come built.
 */
export async function nodeModulesFor(context: ToolContext, architecture: Architecture): Promise<string> {
  const cpu = architecture === 'amd64' ? 'x64' : architecture;
  if (platform() === 'linux' && arch() === cpu) return join(repository, 'node_modules');
  const directory = await cacheEntry({
    cacheDirectory: context.cacheDirectory,
    kind: 'node-modules',
    key: contentKey([cpu, await readFile(join(repository, 'package-lock.json'), 'utf8')]),
    fill: (empty) =>
      context.progress.during(`Getting packages for ${architecture}`, async () => {
        await copyManifests(empty);
        const system = ['--os=linux', `--cpu=${cpu}`, '--libc=glibc'];
        const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
        await runCommand('npm', ['ci', '--omit=dev', ...system, ...quiet], { directory: empty });
      }),
  });
  return join(directory, 'node_modules');
}

async function copyManifests(directory: string): Promise<void> {
  const folders = workspacesOf(await readPackageLock());
  for (const path of ['package.json', 'package-lock.json', ...folders.map((folder) => `${folder}/package.json`)]) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await cp(join(repository, path), join(directory, path));
  }
}
