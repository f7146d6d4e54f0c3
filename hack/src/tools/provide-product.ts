import { join } from 'node:path';
import { firstThatWorks } from './attempts.ts';
import { cacheEntry, type CacheEntryName, cachePath } from './cache.ts';
import { provideCompiler } from './compiler.ts';
import type { ToolContext } from './context.ts';
import { downloadRelease } from './download.ts';
import { askVersion, findExecutables } from './executables.ts';
import { provideGo } from './go.ts';
import { buildProduct } from './go-build.ts';
import { type Attempt, type Candidate, type FoundTool, planProduct } from './plan-product.ts';
import type { Product } from './products.ts';
import { releaseFiles } from './releases.ts';
import { versionText } from './version.ts';

/**
 * Paths of the tools of a product: found in KUBEBUILDER_ASSETS, PATH or our cache; else downloaded or built into the cache.
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE which says what was tried.
 */
export async function provideProduct<Tool extends string>(
  context: ToolContext,
  product: Product<Tool>,
): Promise<Record<Tool, string>> {
  const plan = planProduct(product, await observe(context, product), context.platform);
  if (plan.kind === 'use') return plan.paths;
  const entry = cacheEntryOf(context, product);
  const attempts = plan.attempts.map((attempt) => ({
    name: attempt,
    run: () => cacheEntry({ ...entry, fill: filling(context, product, attempt) }),
  }));
  const what = `${product.tools.join(', ')} (${product.name} ${versionText(product.minimum)} or newer)`;
  const directory = await firstThatWorks(what, attempts, plan.rejected);
  return Object.fromEntries(product.tools.map((tool) => [tool, join(directory, tool)])) as Record<Tool, string>;
}

function filling(context: ToolContext, product: Product, attempt: Attempt): (directory: string) => Promise<void> {
  const what = `${product.tools.join(', ')} ${versionText(product.version)}`;
  if (attempt === 'download') {
    const files = releaseFiles(product, context.platform);
    return (directory) =>
      context.progress.during(`Downloading ${what}`, (tell) => downloadRelease(files, directory, tell));
  }
  return async (directory) => {
    const go = await provideGo(context);
    if (product.build.needsC === true) await provideCompiler(context);
    await context.progress.during(`Building ${what} from Go modules (minutes, once)`, (tell) =>
      buildProduct({ product, go, directory, tell }),
    );
  };
}

/** The places to look in, in the order of preference. */
async function observe<Tool extends string>(context: ToolContext, product: Product<Tool>): Promise<Candidate<Tool>[]> {
  if (product.pinned === true) return [await lookInCache(context, product)];
  const { kubebuilderAssets, searchPath } = context;
  const assets = kubebuilderAssets === undefined ? [] : [kubebuilderAssets];
  return [
    ...(await Promise.all(assets.map((directory) => lookIn('KUBEBUILDER_ASSETS', [directory], product)))),
    await lookIn('PATH', searchPath, product),
    await lookInCache(context, product),
  ];
}

async function lookIn<Tool extends string>(
  origin: string,
  directories: readonly string[],
  product: Product<Tool>,
): Promise<Candidate<Tool>> {
  const tools: Partial<Record<Tool, FoundTool>> = {};
  for (const tool of product.tools) {
    const [path] = await findExecutables(tool, directories);
    if (path !== undefined) tools[tool] = await askVersion(path, product.versionParameters[tool]);
  }
  return { origin, tools };
}

/** The name of an entry tells the version of what is in it. */
async function lookInCache<Tool extends string>(
  context: ToolContext,
  product: Product<Tool>,
): Promise<Candidate<Tool>> {
  const directory = cachePath(cacheEntryOf(context, product));
  const tools: Partial<Record<Tool, FoundTool>> = {};
  for (const tool of product.tools) {
    const [path] = await findExecutables(tool, [directory]);
    if (path !== undefined) tools[tool] = { path, version: product.version };
  }
  return { origin: 'cache', tools };
}

function cacheEntryOf({ cacheDirectory, platform }: ToolContext, { name, version }: Product): CacheEntryName {
  return { cacheDirectory, kind: name, key: `${versionText(version)}-${platform.system}-${platform.architecture}` };
}
