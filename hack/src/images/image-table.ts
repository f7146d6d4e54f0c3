import { textTable } from '../bench/text-table.ts';
import { type ImageArchive, readImageArchive } from './image-archive.ts';
import { megabytes } from './megabytes.ts';

/** What was built, for people: one line an image, then where the files are. */
export async function imageTable(archives: readonly ImageArchive[]): Promise<string> {
  const rows = await Promise.all(
    archives.map(async ({ reference, path }) => {
      const { id, platform, layers } = await readImageArchive(path);
      const [top] = layers.toReversed();
      const size = layers.reduce((sum, { bytes }) => sum + bytes, 0);
      return [reference, platform, megabytes(size), short(id), top === undefined ? '' : short(top.digest), path];
    }),
  );
  return textTable(['IMAGE', 'PLATFORM', 'SIZE', 'ID', 'TOP LAYER', 'FILE'], rows);
}

function short(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}
