import { type ToolContext, toolContext } from '../tools/index.ts';
import type { Base } from './base.ts';
import type { Architecture } from './external-packages.ts';
import type { ImageArchive } from './image-archive.ts';
import { buildProduct, type ProductArchive } from './product.ts';
import { provideBase } from './provide-base.ts';
import { readSourceState, type SourceState } from './source-state.ts';
import { buildTestImages } from './test-images.ts';

export interface BuildOptions {
  readonly context?: ToolContext;
  /** Default: that of this machine. */
  readonly architecture?: Architecture | undefined;
  /** Default: the public image of Node, or one made here where no registry can be reached. */
  readonly base?: string | undefined;
}

export interface BuiltImages {
  readonly base: Base;
  readonly source: SourceState;
  readonly product: readonly ProductArchive[];
}

/** Builds the images of the product, where the cache does not have them. @throws AutoWeaveError AW_TOOL_UNAVAILABLE */
export async function buildImages(options: BuildOptions = {}): Promise<BuiltImages> {
  const { context = toolContext(), base: reference } = options;
  const architecture = options.architecture ?? context.platform.architecture;
  const source = await readSourceState(process.env);
  const base = await provideBase({ context, architecture, reference });
  return { base, source, product: await buildProduct({ context, architecture, source, base }) };
}

/**
 * Archives of all images that a cluster on this machine runs: ours, `autoweave/base` (Node, no more), `autoweave/pause`,
 * `autoweave/redis` and `autoweave/python-plugin`. Built where the cache does not have them.
 *
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE
 */
export async function imageArchives(options: Omit<BuildOptions, 'architecture'> = {}): Promise<ImageArchive[]> {
  const { context = toolContext(), base: reference } = options;
  const { base, source, product } = await buildImages({ context, base: reference });
  const others = await buildTestImages({ context, version: source.version, base });
  return [...product, ...others];
}
