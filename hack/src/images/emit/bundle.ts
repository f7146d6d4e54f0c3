import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import type { Bundle } from '../product-images.ts';
import { repository } from '../repository.ts';
import { oneLocale } from './one-locale.ts';
import { runtimeFiles } from './runtime-files.ts';

/**
 * msgpackr uses msgpackr-extract when it is there. It speeds up reading of MessagePack, which nothing of ours does, so
 * no image has it.
 */
const neverBundled = ['isolated-vm', 'koffi', 'msgpackr-extract', 'usb'];

/** Packages in CommonJS ask for modules of Node with it. */
const banner = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/**
 * Writes a module and all it imports as one file into `directory`, and beside it what it reads at run time. Names and
 * lines stay as they are written, so that a stack trace can be read.
 *
 * @returns the modules in it, relative to the repository
 */
export async function writeBundle({ source, file }: Bundle, directory: string): Promise<string[]> {
  const files: { module: string; file: string }[] = [];
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: [source],
    outfile: join(directory, file),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    banner: { js: banner },
    external: neverBundled,
    plugins: [oneLocale(), runtimeFiles((module, path) => files.push({ module, file: path }))],
    legalComments: 'none',
    logLevel: 'error',
    metafile: true,
  });
  const modules = modulesIn(metafile);
  for (const read of files) {
    if (modules.some((path) => join(repository, path) === read.module)) {
      await copyFile(read.file, join(directory, basename(read.file)));
    }
  }
  return modules;
}

function modulesIn({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
}
