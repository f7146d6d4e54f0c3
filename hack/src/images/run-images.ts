import { readFile } from 'node:fs/promises';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { toolContext } from '../tools/index.ts';
import { buildImages, type BuildOptions, imageArchives } from './build-images.ts';
import type { Architecture } from './external-packages.ts';
import { imageTable } from './image-table.ts';
import { measureImages } from './measure/measure-images.ts';

export interface ImagesCommand {
  /** The command, and what it is about. */
  readonly words: readonly string[];
  readonly base?: string;
  readonly architecture?: string;
}

/** @throws AutoWeaveError AW_CONFIG_INVALID, AW_TOOL_UNAVAILABLE */
export async function runImages({ words, base, architecture }: ImagesCommand): Promise<void> {
  const [command = 'build', ...subjects] = words;
  const here = { context: toolContext(), base };
  const options: BuildOptions = { ...here, architecture: architectureOf(architecture) };
  switch (command) {
    case 'build':
      console.log(await imageTable((await buildImages(options)).product));
      return;
    case 'list':
      console.log(await imageTable(await imageArchives(here)));
      return;
    case 'sbom':
      return printBill(subjects[0], options);
    case 'measure':
      return measureImages(here);
    default:
      throw invalid(`unknown command ${command}; known are build, list, sbom and measure`);
  }
}

async function printBill(image: string | undefined, options: BuildOptions): Promise<void> {
  const { product } = await buildImages(options);
  const found = product.find(({ name }) => name === `autoweave/${image}`);
  if (found === undefined) throw invalid(`sbom takes one of ${product.map(({ name }) => name.slice(10)).join(', ')}`);
  process.stdout.write(await readFile(found.billOfMaterials));
}

function architectureOf(value: string | undefined): Architecture | undefined {
  if (value === undefined || value === 'amd64' || value === 'arm64') return value;
  throw invalid(`--architecture: expected amd64 or arm64, got ${value}`);
}

function invalid(message: string): AutoWeaveError {
  return new AutoWeaveError('AW_CONFIG_INVALID', message);
}
