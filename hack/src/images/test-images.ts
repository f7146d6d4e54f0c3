import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentKey } from '../guest/content-key.ts';
import { cacheEntry } from '../tools/cache.ts';
import type { ToolContext } from '../tools/index.ts';
import { type Base, baseOf } from './base.ts';
import { compilePause } from './compile-pause.ts';
import { directoryDigest } from './directory-digest.ts';
import type { ImageArchive } from './image-archive.ts';
import { imageName } from './image-name.ts';
import { imageSources, repository } from './repository.ts';
import { undatedEpoch } from './source-state.ts';
import { withImageBuilder } from './tool/image-builder.ts';

export interface TestImageBuild {
  readonly context: ToolContext;
  /** Their tag. */
  readonly version: string;
  readonly base: Base;
}

interface TestImage {
  readonly name: string;
  readonly dockerfile: string;
  /** Absolute: what its Dockerfile copies. */
  readonly folder: string;
  /** Adds to that. */
  readonly prepare?: (context: ToolContext, directory: string) => Promise<void>;
}

const python = testImage('python');
const pythonPlugin: TestImage = {
  name: 'python-plugin',
  dockerfile: 'Containerfile',
  folder: join(repository, 'plugins/python-example'),
};

/** What the local cluster runs beside the product. */
export async function buildTestImages(build: TestImageBuild): Promise<ImageArchive[]> {
  const pythonBase = await baseOf(await buildTestImage(python, build));
  return [
    await buildTestImage(testImage('base'), build),
    await buildTestImage({ ...testImage('pause'), prepare: compilePause }, build),
    await buildTestImage(testImage('redis'), build),
    await buildTestImage(pythonPlugin, { ...build, base: pythonBase }),
  ];
}

function testImage(name: string): TestImage {
  return { name, dockerfile: 'Dockerfile', folder: join(imageSources, name) };
}

async function buildTestImage(image: TestImage, { context, version, base }: TestImageBuild): Promise<ImageArchive> {
  const { architecture } = context.platform;
  const reference = `${imageName(image.name)}:${version}`;
  const directory = await cacheEntry({
    cacheDirectory: context.cacheDirectory,
    kind: `test-image-${image.name}`,
    key: contentKey([reference, architecture, base.id, await directoryDigest(image.folder)]),
    fill: (empty) =>
      context.progress.during(`Building ${reference}`, async () => {
        const files = join(empty, 'files');
        await mkdir(files);
        await cp(image.folder, files, { recursive: true });
        await image.prepare?.(context, files);
        await withImageBuilder(context, empty, async (builder) => {
          const parameters = { BASE: await builder.base(base) };
          const from = { context: files, dockerfile: join(files, image.dockerfile), parameters, labels: {} };
          const to = {
            platform: `linux/${architecture}`,
            epoch: undatedEpoch,
            reference,
            archive: join(empty, 'image.tar'),
          };
          await builder.build({ ...from, ...to });
        });
        await rm(files, { recursive: true });
      }),
  });
  return { name: imageName(image.name), reference, path: join(directory, 'image.tar') };
}
