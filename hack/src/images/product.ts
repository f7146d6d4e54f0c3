import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentKey } from '../guest/content-key.ts';
import { cacheEntry } from '../tools/cache.ts';
import type { ToolContext } from '../tools/index.ts';
import type { Base } from './base.ts';
import { directoryDigest } from './directory-digest.ts';
import { billOfMaterialsFile, emitProduct } from './emit/emit-product.ts';
import type { Architecture } from './external-packages.ts';
import type { ImageArchive } from './image-archive.ts';
import { imageLabels } from './image-labels.ts';
import { imageName } from './image-name.ts';
import { keepNewest } from './keep-newest.ts';
import { productImages } from './product-images.ts';
import { imageSources } from './repository.ts';
import type { SourceState } from './source-state.ts';
import { withImageBuilder } from './tool/image-builder.ts';

export interface ProductBuild {
  readonly context: ToolContext;
  readonly architecture: Architecture;
  readonly source: SourceState;
  readonly base: Base;
}

export interface ProductArchive extends ImageArchive {
  /** CycloneDX, in JSON. */
  readonly billOfMaterials: string;
}

/** A set is near a gigabyte, and every commit makes another. */
const keptSets = 3;
const dockerfile = join(imageSources, 'Dockerfile');

/** Operator, node-agent and runner: built when something in them, their base or the commit is another. */
export async function buildProduct(build: ProductBuild): Promise<ProductArchive[]> {
  const { context, architecture, source, base } = build;
  const files = await mkdtemp(join(tmpdir(), 'autoweave-images-'));
  try {
    await emitProduct({ context, architecture, source, directory: files });
    const recipe = [await readFile(dockerfile, 'utf8'), await directoryDigest(files)];
    const directory = await cacheEntry({
      cacheDirectory: context.cacheDirectory,
      kind: 'images',
      key: contentKey([architecture, base.id, JSON.stringify(source), ...recipe]),
      fill: (empty) => context.progress.during('Building the images', () => fill(build, files, empty)),
    });
    await keepNewest(context.cacheDirectory, 'images-', keptSets);
    return productImages.map(({ name }) => ({
      name: imageName(name),
      reference: `${imageName(name)}:${source.version}`,
      path: join(directory, `${name}.tar`),
      billOfMaterials: join(directory, `${name}.cdx.json`),
    }));
  } finally {
    await rm(files, { recursive: true });
  }
}

async function fill(
  { context, architecture, source, base }: ProductBuild,
  files: string,
  directory: string,
): Promise<void> {
  await withImageBuilder(context, directory, async (builder) => {
    const parameters = { BASE: await builder.base(base) };
    for (const image of productImages) {
      const from = { context: files, dockerfile, target: image.name, parameters, labels: imageLabels(image, source) };
      const to = { platform: `linux/${architecture}`, epoch: source.epoch };
      const reference = `${imageName(image.name)}:${source.version}`;
      await builder.build({ ...from, ...to, reference, archive: join(directory, `${image.name}.tar`) });
      await cp(join(files, image.name, billOfMaterialsFile), join(directory, `${image.name}.cdx.json`));
    }
  });
}
