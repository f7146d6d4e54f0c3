import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundlePlugin } from './bundle-plugin.ts';
import { krewManifest } from './krew-manifest.ts';
import { tarArchive } from './tar-archive.ts';

const repository = join(import.meta.dirname, '../../..');

export interface ReleaseOptions {
  readonly directory: string;
  readonly version: string;
  /** Below which the archive will be. */
  readonly releaseUrl: string;
}

export interface Release {
  /** Path of the program. */
  readonly program: string;
  readonly archive: string;
  readonly manifest: string;
  /** Size of the program. */
  readonly bytes: number;
}

/** Writes the program, an archive of it with its licence, and the krew manifest that names the archive. */
export async function makeRelease({ directory, version, releaseUrl }: ReleaseOptions): Promise<Release> {
  const { text } = await bundlePlugin();
  const licence = await readFile(join(repository, 'LICENSE'), 'utf8');
  const archive = gzipSync(
    tarArchive([
      { name: 'LICENSE', text: licence, executable: false },
      { name: 'kubectl-autoweave', text, executable: true },
    ]),
    { level: 9 },
  );
  const archiveName = `kubectl-autoweave-v${version}.tar.gz`;
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const release: Release = {
    program: join(directory, 'kubectl-autoweave'),
    archive: join(directory, archiveName),
    manifest: join(directory, 'autoweave.yaml'),
    bytes: Buffer.byteLength(text),
  };
  await mkdir(directory, { recursive: true });
  await writeFile(release.program, text);
  await chmod(release.program, 0o755);
  await writeFile(release.archive, archive);
  await writeFile(release.manifest, krewManifest({ version, archiveUrl: `${releaseUrl}/${archiveName}`, sha256 }));
  return release;
}
