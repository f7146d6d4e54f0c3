import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { withDirectoryLock } from './lock.ts';

const unusedMilliseconds = 14 * 24 * 60 * 60 * 1000;

export interface CacheEntryName {
  readonly cacheDirectory: string;
  /** What it is, e.g. `etcd`. Entries of the same kind that nobody used for long go when a new one comes. */
  readonly kind: string;
  /** Says all that the content depends on, e.g. `3.6.8-linux-amd64`. */
  readonly key: string;
}

export interface CacheEntryOptions extends CacheEntryName {
  /** Writes the content into an empty directory. */
  readonly fill: (directory: string) => Promise<void>;
}

/**
 * The directory of a cache entry, filled when it is not there. It appears under its name only when it is complete,
 * so an interrupted run leaves nothing that a later one could take for good; two runs at once fill it once.
 */
export async function cacheEntry({ cacheDirectory, kind, key, fill }: CacheEntryOptions): Promise<string> {
  const directory = cachePath({ cacheDirectory, kind, key });
  if (await isThere(directory)) return directory;
  return withDirectoryLock(cacheDirectory, async () => {
    if (await isThere(directory)) return directory;
    const partial = `${directory}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    await fill(partial);
    await rename(partial, directory);
    await removeUnused(cacheDirectory, `${kind}-`);
    return directory;
  });
}

/** Where an entry is, or would be. */
export function cachePath({ cacheDirectory, kind, key }: CacheEntryName): string {
  return join(cacheDirectory, `${kind}-${key}`);
}

/** Notes the use of what is there. */
async function isThere(directory: string): Promise<boolean> {
  const now = new Date();
  return utimes(directory, now, now).then(
    () => true,
    () => false,
  );
}

async function removeUnused(cacheDirectory: string, prefix: string): Promise<void> {
  const names = (await readdir(cacheDirectory)).filter((name) => name.startsWith(prefix));
  for (const directory of names.map((name) => join(cacheDirectory, name))) {
    const { mtimeMs } = await stat(directory);
    if (Date.now() - mtimeMs > unusedMilliseconds) await rm(directory, { recursive: true, force: true });
  }
}
