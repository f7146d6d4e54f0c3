import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentKey } from '../guest/content-key.ts';
import { cacheEntry } from '../tools/cache.ts';
import type { ToolContext } from '../tools/index.ts';
import { runAsRoot } from '../tools/system-packages.ts';
import { provideSystemPrograms } from '../tools/system-programs.ts';
import { type Base, baseOf } from './base.ts';
import type { Architecture } from './external-packages.ts';
import { imageSources, repository } from './repository.ts';
import { undatedEpoch } from './source-state.ts';
import { withImageBuilder } from './tool/image-builder.ts';

const reference = 'autoweave/debian:local';
const suite = 'bookworm';
/** libatomic1 is what Node needs beyond a minimal system. */
const packages = ['libatomic1', 'ca-certificates'];
/** Documentation and translations are a fifth of a minimal system. */
const leftOut = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*'];

/** A base from Debian's packages and Node as npm brings it, for the architecture of this machine. */
export async function debianBase(context: ToolContext, architecture: Architecture): Promise<Base> {
  if (architecture !== context.platform.architecture) {
    throw new Error(`for ${architecture} it takes a registry, or a machine of that architecture`);
  }
  const dockerfile = join(imageSources, 'debian/Dockerfile');
  const recipe = await readFile(dockerfile, 'utf8');
  const directory = await cacheEntry({
    cacheDirectory: context.cacheDirectory,
    kind: 'image-base',
    key: contentKey([...packages, ...leftOut, process.version, architecture, recipe]),
    fill: (empty) =>
      context.progress.during("Making a base from Debian's packages (a minute, once)", async () => {
        const files = join(empty, 'files');
        await makeFiles(context, files);
        const from = { context: files, dockerfile, parameters: {}, labels: {} };
        const to = {
          platform: `linux/${architecture}`,
          epoch: undatedEpoch,
          reference,
          archive: join(empty, 'base.tar'),
        };
        await withImageBuilder(context, empty, (builder) => builder.build({ ...from, ...to }));
        await rm(files, { recursive: true });
      }),
  });
  return baseOf({ reference, path: join(directory, 'base.tar') });
}

async function makeFiles(context: ToolContext, directory: string): Promise<void> {
  const { mmdebstrap } = await provideSystemPrograms(context, { mmdebstrap: 'mmdebstrap' });
  await mkdir(directory);
  const parameters = [
    '--quiet',
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    ...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`),
  ];
  const time = `SOURCE_DATE_EPOCH=${undatedEpoch}`;
  await runAsRoot(context, ['env', time, mmdebstrap, ...parameters, suite, join(directory, 'system.tar')]);
  await cp(join(repository, 'node_modules/node/bin/node'), join(directory, 'node'));
}
