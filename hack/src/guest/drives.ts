import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { runCommand } from '../processes/run-command.ts';
import { cacheEntry } from '../tools/cache.ts';
import type { ToolContext } from '../tools/index.ts';
import { contentKey } from './content-key.ts';
import type { GuestTools } from './guest-tools.ts';
import { type InstalledPackages, productionPackages } from './production-packages.ts';

const repository = join(import.meta.dirname, '../../..');
/** What a guest gets of the repository. */
const workspaces = ['crds', 'platform', 'node-agent', 'operator', 'plugins', 'hack'];
/** Comes by a drive of its own, or is of no use in a guest. */
const leftOut = /(^|\/)(node_modules|testdata|hack\/go)$|\.test\.ts$/;

/** An ext4 image of the repository's files as they are now. It takes well under a second. */
export async function repositoryDrive({ mke2fs }: GuestTools, directory: string): Promise<string> {
  const files = await mkdtemp(join(directory, 'repository-'));
  for (const workspace of workspaces) {
    await cp(join(repository, workspace), join(files, workspace), {
      recursive: true,
      filter: (path) => !leftOut.test(relative(repository, path)),
    });
  }
  await cp(join(repository, 'package.json'), join(files, 'package.json'));
  await mkdir(join(files, 'node_modules'));
  const image = join(directory, 'repository.ext4');
  await makeImage({ mke2fs, files, image, megabytes: 64 });
  return image;
}

/** An ext4 image of the packages that our processes need, and of Node. Made again when one of them changes. */
export async function dependenciesDrive(context: ToolContext, { mke2fs }: GuestTools): Promise<string> {
  const lock = await readFile(join(repository, 'node_modules/.package-lock.json'), 'utf8');
  const packages = productionPackages(JSON.parse(lock) as InstalledPackages);
  const key = contentKey([process.version, ...packages.map(({ identity }) => identity)]);
  const entry = await cacheEntry({
    cacheDirectory: context.cacheDirectory,
    kind: 'guest-dependencies',
    key,
    fill: (directory) =>
      context.progress.during('Making the drive with the dependencies of the guest', async () => {
        const files = join(directory, 'files');
        for (const { path } of packages) await copyPackage(path, files);
        await mkdir(join(files, 'node/bin'), { recursive: true });
        await cp(process.execPath, join(files, 'node/bin/node'));
        await makeImage({ mke2fs, files, image: join(directory, 'dependencies.ext4'), megabytes: 1_000 });
      }),
  });
  return join(entry, 'dependencies.ext4');
}

async function copyPackage(path: string, files: string): Promise<void> {
  const target = join(files, relative('node_modules', path));
  await mkdir(dirname(target), { recursive: true });
  // Nested packages have entries of their own; links lead to the drive with the repository.
  const nested = join(repository, path, 'node_modules');
  await cp(join(repository, path), target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => source !== nested,
  });
}

/** Sparse: `megabytes` is the most that the image can hold. Removes `files`. */
async function makeImage(options: {
  readonly mke2fs: string;
  readonly files: string;
  readonly image: string;
  readonly megabytes: number;
}): Promise<void> {
  const { mke2fs, files, image, megabytes } = options;
  await runCommand(mke2fs, ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', files, image, `${megabytes}M`]);
  await rm(files, { recursive: true });
}
