import { createHash } from 'node:crypto';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../processes/run-command.ts';
import { publishedSum, type ReleaseFile } from './releases.ts';

/** Long enough for a slow network, short enough for one that lets nothing out. */
const reachTimeoutMilliseconds = 5_000;
const stallTimeoutMilliseconds = 20_000;

/** Puts the tools of a release into `directory`. @throws Error when unreachable, or when a checksum is wrong. */
export async function downloadRelease(
  files: readonly ReleaseFile[],
  directory: string,
  tell: (detail: string) => void,
): Promise<void> {
  for (const file of files) {
    const path = join(directory, file.name);
    const sum = await fetchSum(file);
    const actual = await fetchFile({ url: file.url, path, tell });
    if (actual !== sum) throw new Error(`${file.url} has SHA-256 ${actual}, published is ${sum}`);
    if (file.members !== undefined) await unpack(path, directory, file.members);
    else await placeTool(path, join(directory, file.tool ?? file.name));
  }
}

async function fetchSum({ checksumUrl, name }: ReleaseFile): Promise<string> {
  const response = await fetch(checksumUrl, { signal: AbortSignal.timeout(reachTimeoutMilliseconds) });
  if (!response.ok) throw new Error(`${checksumUrl} answered ${response.status}`);
  const sum = publishedSum(await response.text(), name);
  if (sum === undefined) throw new Error(`${checksumUrl} has no SHA-256 of ${name}`);
  return sum;
}

/** SHA-256 of what was written. */
async function fetchFile(options: {
  readonly url: string;
  readonly path: string;
  readonly tell: (detail: string) => void;
}): Promise<string> {
  const { url, path, tell } = options;
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`${url} stalled`)), stallTimeoutMilliseconds);
  const file = await open(path, 'w');
  try {
    const response = await fetch(url, { signal: stalled.signal });
    if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of response.body) {
      timer.refresh();
      hash.update(chunk);
      await file.write(chunk);
      size += chunk.length;
      tell(`${Math.round(size / 1_000_000)} MB`);
    }
    return hash.digest('hex');
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

async function unpack(archive: string, directory: string, members: readonly string[]): Promise<void> {
  const [first = ''] = members;
  const depth = first.split('/').length - 1;
  await runCommand('tar', ['-xzf', archive, '-C', directory, `--strip-components=${depth}`, ...members]);
  await rm(archive);
}

async function placeTool(download: string, path: string): Promise<void> {
  await chmod(download, 0o755);
  await rename(download, path);
}
