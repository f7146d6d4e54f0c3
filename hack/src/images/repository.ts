import { join } from 'node:path';

export const repository = join(import.meta.dirname, '../../..');
/** Dockerfiles, and what they copy that is not emitted. */
export const imageSources = join(repository, 'hack/images');
