import { join } from 'node:path';

/** Where the files of the cluster of this machine are while it is up. */
export const defaultDirectory = join(import.meta.dirname, '../../../.cache/cluster');
