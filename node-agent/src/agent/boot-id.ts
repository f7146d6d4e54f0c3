import { readFile } from 'node:fs/promises';

/** Of the running kernel; undefined where it tells none. */
export async function readBootId(path = '/proc/sys/kernel/random/boot_id'): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
