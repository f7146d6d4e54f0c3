import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepNewest } from './keep-newest.ts';

it('keeps what was used last, and what has another name', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-keep-'));
  for (const [index, name] of ['other-1', 'images-b', 'images-c', 'images-a'].entries()) {
    await mkdir(join(directory, name));
    await utimes(join(directory, name), index, index);
  }
  await keepNewest(directory, 'images-', 2);
  expect((await readdir(directory)).toSorted()).toEqual(['images-a', 'images-c', 'other-1']);
  await rm(directory, { recursive: true });
});
