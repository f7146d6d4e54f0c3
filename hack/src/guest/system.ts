import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheEntry } from '../tools/cache.ts';
import { runAsRoot } from '../tools/system-packages.ts';
import type { ToolContext } from '../tools/index.ts';
import { contentKey } from './content-key.ts';
import type { Machine } from './machine.ts';

export interface GuestSystem {
  readonly kernel: string;
  readonly initramfs: string;
  readonly root: string;
}

const image = join(import.meta.dirname, 'image');
const scripts = ['build-root.sh', 'initramfs-init.sh'].map((name) => join(image, name));

/** A kernel and a root file system, made when the scripts that make them change: a minute, with the network. */
export async function guestSystem(context: ToolContext, machine: Machine): Promise<GuestSystem> {
  const contents = await Promise.all(scripts.map((path) => readFile(path, 'utf8')));
  const directory = await cacheEntry({
    cacheDirectory: context.cacheDirectory,
    kind: 'guest-system',
    key: contentKey([machine.architecture, ...contents]),
    fill: (empty) =>
      context.progress.during('Making the system of the guest (a minute, once)', () =>
        runAsRoot(context, [join(image, 'build-root.sh'), empty, machine.architecture]),
      ),
  });
  return {
    kernel: join(directory, 'vmlinuz'),
    initramfs: join(directory, 'initramfs'),
    root: join(directory, 'root.ext4'),
  };
}
