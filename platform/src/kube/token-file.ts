import { readFile } from 'node:fs/promises';

const maximumAgeMilliseconds = 60_000;

/** Where a bearer token comes from. `refresh` asks for one that was not handed out before, after a 401. */
export type TokenSource = (options: { refresh: boolean }) => Promise<string>;

/** A token that its owner rotates, as the kubelet does with projected service account tokens: read again each 60 s. */
export function tokenFromFile(path: string): TokenSource {
  let token = '';
  let readAt = Number.NEGATIVE_INFINITY;
  return async ({ refresh }) => {
    if (refresh || performance.now() - readAt > maximumAgeMilliseconds) {
      token = (await readFile(path, 'utf8')).trim();
      readAt = performance.now();
    }
    return token;
  };
}
