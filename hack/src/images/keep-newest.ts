import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes all but the entries of a directory that were used last. @param prefix of their names */
export async function keepNewest(directory: string, prefix: string, count: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(prefix));
  const entries = await Promise.all(
    names.map(async (name) => ({ name, usedAt: (await stat(join(directory, name))).mtimeMs })),
  );
  const old = entries.toSorted((left, right) => right.usedAt - left.usedAt).slice(count);
  for (const { name } of old) await rm(join(directory, name), { recursive: true, force: true });
}
