import { type ImageArchive, readImageArchive } from './image-archive.ts';

/** What images are built on. */
export interface Base {
  readonly reference: string;
  /** Changes with its content. */
  readonly id: string;
  /** Docker-archive; `scratch` has none. */
  readonly archive: string | undefined;
}

export async function baseOf({ reference, path }: Pick<ImageArchive, 'reference' | 'path'>): Promise<Base> {
  return { reference, archive: path, id: (await readImageArchive(path)).id };
}
