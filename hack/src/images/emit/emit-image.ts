import { cp, glob, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { type Architecture, externalPackages, type PackageFiles } from '../external-packages.ts';
import { type PackageLock, workspacesOf } from '../package-lock.ts';
import type { ProductImage } from '../product-images.ts';
import { repository } from '../repository.ts';
import { writeBundle } from './bundle.ts';
import { packageOf } from './package-of.ts';

export interface EmitOptions {
  readonly image: ProductImage;
  readonly architecture: Architecture;
  /** Holds the packages that are not bundled, for that architecture. */
  readonly nodeModules: string;
  readonly lock: PackageLock;
  /** Becomes /app. */
  readonly directory: string;
}

/**
 * Writes what an image has in /app: JavaScript, and the packages that cannot be bundled.
 *
 * @returns the packages in it, as keys of package-lock.json, sorted
 */
export async function emitImage({ image, architecture, nodeModules, lock, directory }: EmitOptions): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  // Else Node would have to guess what a .js file is.
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }\n');
  const modules: string[] = [];
  for (const bundle of image.bundles) modules.push(...(await writeBundle(bundle, directory)));
  if (image.texts !== undefined) await emitTexts(join(repository, image.texts), directory);

  const external = image.packages.flatMap((name) => externalPackages(name, architecture));
  for (const files of external) await copyPackage(files, nodeModules, join(directory, 'node_modules'));

  const workspaces = workspacesOf(lock);
  const bundled = modules.map((path) => packageOf(path, workspaces)).filter((key) => key !== undefined);
  return [...new Set([...bundled, ...external.map(({ name }) => `node_modules/${name}`)])].toSorted();
}

/** Into a directory of the same name. */
async function emitTexts(source: string, directory: string): Promise<void> {
  const target = join(directory, source.slice(dirname(source).length));
  await mkdir(target);
  for (const name of await readdir(source)) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const code = stripTypeScriptTypes(await readFile(join(source, name), 'utf8'));
    await writeFile(join(target, name.replace(/\.ts$/, '.js')), code);
  }
}

/** @throws Error when a pattern finds nothing: the package has changed. */
async function copyPackage({ name, files }: PackageFiles, nodeModules: string, target: string): Promise<void> {
  const source = join(nodeModules, name);
  for (const pattern of files) {
    const found: string[] = [];
    for await (const path of glob(pattern, { cwd: source })) found.push(path);
    if (found.length === 0) throw new Error(`The package ${name} in ${nodeModules} has no ${pattern}`);
    for (const path of found) await cp(join(source, path), join(target, name, path));
  }
}
