import { join } from 'node:path';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import { contentKey } from '../guest/content-key.ts';
import { cacheEntry } from '../tools/cache.ts';
import type { ToolContext } from '../tools/index.ts';
import { type Base, baseOf } from './base.ts';
import { debianBase } from './debian-base.ts';
import type { Architecture } from './external-packages.ts';
import { withImageBuilder } from './tool/image-builder.ts';

export interface BaseOptions {
  readonly context: ToolContext;
  readonly architecture: Architecture;
  /** Chosen by the user: nothing else will do. */
  readonly reference: string | undefined;
}

const publicBase = 'node:26-bookworm-slim';

/**
 * The public image of Node or, where no registry can be reached, one made from Debian's packages. Either is kept in
 * the cache.
 *
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE
 */
export async function provideBase({ context, architecture, reference }: BaseOptions): Promise<Base> {
  if (reference === 'scratch') return { reference, id: reference, archive: undefined };
  try {
    return await pulledBase(context, architecture, reference ?? publicBase);
  } catch (error) {
    if (reference !== undefined) throw unavailable(reference, error);
    context.progress.note(`${publicBase} cannot be pulled, so Debian's packages make the base`);
  }
  try {
    return await debianBase(context, architecture);
  } catch (error) {
    throw unavailable("made from Debian's packages", error);
  }
}

async function pulledBase(context: ToolContext, architecture: Architecture, reference: string): Promise<Base> {
  const directory = await cacheEntry({
    cacheDirectory: context.cacheDirectory,
    kind: 'image-base',
    key: contentKey([reference, architecture]),
    fill: (empty) =>
      context.progress.during(`Pulling ${reference}`, () =>
        withImageBuilder(context, empty, (builder) =>
          builder.pull(reference, `linux/${architecture}`, join(empty, 'base.tar')),
        ),
      ),
  });
  return baseOf({ reference, path: join(directory, 'base.tar') });
}

function unavailable(what: string, error: unknown): AutoWeaveError {
  const message = `The base of the images, ${what}, could not be had: ${errorMessage(error)}`;
  return new AutoWeaveError('AW_TOOL_UNAVAILABLE', message);
}
