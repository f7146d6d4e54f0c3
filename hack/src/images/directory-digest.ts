import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { contentKey } from '../guest/content-key.ts';

/** The same for directories with the same names and contents of files. */
export async function directoryDigest(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const parts: string[] = [];
  for (const path of paths.toSorted()) {
    parts.push(relative(directory, path), await readFile(path, 'latin1'));
  }
  return contentKey(parts);
}
