import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../processes/run-command.ts';
import { bytesAbove, type ImageFacts, readImageArchive } from './image-archive.ts';

describe('an image archive', () => {
  let directory: string;
  beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'autoweave-archive-'))));
  afterEach(() => rm(directory, { recursive: true }));

  /** As buildah and podman write it, or with the blobs of an OCI layout, as docker does. */
  async function archiveWith(layers: Readonly<Record<string, number>>, config: string): Promise<string> {
    const files = join(directory, 'files');
    const configuration = {
      os: 'linux',
      architecture: 'arm64',
      config: { User: '65532:65532', Labels: { a: 'b' } },
      rootfs: { diff_ids: Object.keys(layers).map((_name, index) => `sha256:layer${index}`) },
    };
    const contents: Record<string, string> = {
      ...Object.fromEntries(Object.entries(layers).map(([name, bytes]) => [name, 'x'.repeat(bytes)])),
      [config]: JSON.stringify(configuration),
      'manifest.json': JSON.stringify([{ Config: config, Layers: Object.keys(layers) }]),
    };
    for (const [name, text] of Object.entries(contents)) {
      await mkdir(join(files, name, '..'), { recursive: true });
      await writeFile(join(files, name), text);
    }
    const path = join(directory, 'image.tar');
    await runCommand('tar', ['--format=ustar', '-cf', path, '-C', files, ...Object.keys(contents)]);
    return path;
  }

  it.each(['0a1b.json', 'blobs/sha256/0a1b'])('tells what is in it, with its configuration in %s', async (config) => {
    const path = await archiveWith({ 'base.tar': 1_500, [`${'deep/'.repeat(25)}top.tar`]: 512 }, config);
    expect(await readImageArchive(path)).toEqual({
      id: 'sha256:0a1b',
      platform: 'linux/arm64',
      user: '65532:65532',
      labels: { a: 'b' },
      layers: [
        { digest: 'sha256:layer0', bytes: 1_500 },
        { digest: 'sha256:layer1', bytes: 512 },
      ],
    });
  });

  it('is refused when it is another file', async () => {
    const path = join(directory, 'other');
    await writeFile(path, 'no archive');
    await expect(readImageArchive(path)).rejects.toThrow('has no manifest.json');
  });
});

describe('the size above a base', () => {
  const image = (...digests: string[]): ImageFacts => ({
    id: '',
    platform: '',
    user: '',
    labels: {},
    layers: digests.map((digest, index) => ({ digest, bytes: 10 ** index })),
  });

  it('counts the layers that the base does not have', () => {
    expect(bytesAbove(image('a', 'b', 'c'), image('a'))).toBe(110);
  });
});
