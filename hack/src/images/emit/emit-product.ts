import { cp, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolContext } from '../../tools/index.ts';
import type { Architecture } from '../external-packages.ts';
import { imageName } from '../image-name.ts';
import { nodeModulesFor } from '../node-modules.ts';
import { readPackageLock } from '../package-lock.ts';
import { productImages } from '../product-images.ts';
import { repository } from '../repository.ts';
import { softwareBillOfMaterials } from '../sbom.ts';
import type { SourceState } from '../source-state.ts';
import { emitImage } from './emit-image.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

export interface EmitProductOptions {
  readonly context: ToolContext;
  readonly architecture: Architecture;
  readonly source: SourceState;
  /** Gets a directory for each image. */
  readonly directory: string;
}

export const billOfMaterialsFile = 'sbom.cdx.json';

/** Writes /app of every image of ours, with its licences and its bill of materials. Takes 2 s. */
export async function emitProduct({ context, architecture, source, directory }: EmitProductOptions): Promise<void> {
  const lock = await readPackageLock();
  const nodeModules = await nodeModulesFor(context, architecture);
  for (const image of productImages) {
    const target = join(directory, image.name);
    const packages = await emitImage({ image, architecture, nodeModules, lock, directory: target });
    const bill = softwareBillOfMaterials({ name: imageName(image.name), source, packages, lock });
    await writeFile(join(target, billOfMaterialsFile), `${JSON.stringify(bill, undefined, 2)}\n`);
    await writeFile(join(target, 'third-party-licenses.txt'), await thirdPartyLicenses(packages, nodeModules));
    await cp(join(repository, 'LICENSE'), join(target, 'LICENSE'));
  }
  await setTimes(directory, source.epoch);
}

/** Not every tool does so when it builds. @param epoch seconds since 1970 */
async function setTimes(directory: string, epoch: number): Promise<void> {
  const names = await readdir(directory, { recursive: true });
  for (const name of names) await utimes(join(directory, name), epoch, epoch);
}
