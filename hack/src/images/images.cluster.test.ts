import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolContext } from '../tools/index.ts';
import { buildImages, type BuiltImages } from './build-images.ts';
import { bytesAbove, type ImageFacts, readImageArchive } from './image-archive.ts';
import { buildProduct } from './product.ts';

const context = toolContext();

describe('the images of the product', () => {
  let built: BuiltImages;
  let facts: readonly ImageFacts[];
  beforeAll(async () => {
    built = await buildImages({ context });
    facts = await Promise.all(built.product.map(({ path }) => readImageArchive(path)));
  });

  it('are for this machine, and run as nobody in particular', () => {
    expect(built.product.map(({ name }) => name)).toEqual([
      'autoweave/operator',
      'autoweave/node-agent',
      'autoweave/runner',
    ]);
    for (const { platform, user } of facts) {
      expect({ platform, user }).toEqual({ platform: `linux/${context.platform.architecture}`, user: '65532:65532' });
    }
  });

  it('say what they are', () => {
    for (const { labels } of facts) {
      expect(labels).toMatchObject({
        'org.opencontainers.image.title': expect.stringContaining('AutoWeave'),
        'org.opencontainers.image.version': built.source.version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      });
    }
  });

  it('add less than 90 MB to their base, all together', async () => {
    const base = await readImageArchive(built.base.archive ?? '');
    const added = facts.map((image) => bytesAbove(image, base));
    expect(added.every((bytes) => bytes > 0)).toBe(true);
    expect(added.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(90_000_000);
  });

  describe('built once more, from nothing but the base', () => {
    let cacheDirectory: string;
    beforeAll(async () => void (cacheDirectory = await mkdtemp(join(tmpdir(), 'autoweave-again-'))));
    afterAll(() => rm(cacheDirectory, { recursive: true }));

    it('have the same digests', async () => {
      const { architecture } = context.platform;
      const { source, base } = built;
      const again = await buildProduct({ context: { ...context, cacheDirectory }, architecture, source, base });
      expect(await Promise.all(again.map(({ path }) => readImageArchive(path)))).toEqual(facts);
    });
  });
});
