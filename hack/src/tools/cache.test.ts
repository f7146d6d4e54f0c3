import { access, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cacheEntry } from './cache.ts';

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-cache-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

describe('a cache entry', () => {
  it('is filled once, also when two ask at the same time', async () => {
    const cacheDirectory = await temporaryDirectory();
    let fills = 0;
    const ask = (): Promise<string> =>
      cacheEntry({
        cacheDirectory,
        kind: 'tool',
        key: '1.0.0',
        fill: async (directory) => {
          fills += 1;
          await delay(50);
          await writeFile(join(directory, 'tool'), '');
        },
      });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first).toBe(second);
    expect(await readdir(first ?? '')).toEqual(['tool']);
    await ask();
    expect(fills).toBe(1);
  });

  it('is not there when its filling was interrupted, and can be filled then', async () => {
    const cacheDirectory = await temporaryDirectory();
    const options = { cacheDirectory, kind: 'tool', key: '1.0.0' };
    const interrupted = async (directory: string): Promise<void> => {
      await writeFile(join(directory, 'half'), '');
      throw new Error('interrupted');
    };
    await expect(cacheEntry({ ...options, fill: interrupted })).rejects.toThrow('interrupted');
    await expect(access(join(cacheDirectory, 'tool-1.0.0'))).rejects.toThrow('ENOENT');
    const directory = await cacheEntry({ ...options, fill: (empty) => writeFile(join(empty, 'tool'), '') });
    expect(await readdir(directory)).toEqual(['tool']);
  });

  it('goes when a newer one comes and nobody used it for long', async () => {
    const cacheDirectory = await temporaryDirectory();
    const add = (kind: string, key: string): Promise<string> =>
      cacheEntry({ cacheDirectory, kind, key, fill: () => Promise.resolve() });
    const longAgo = new Date(Date.now() - 20 * 24 * 60 * 60 * 1000);
    for (const directory of [await add('tool', '1'), await add('tool', '2'), await add('other', '1')]) {
      await utimes(directory, longAgo, longAgo);
    }
    await add('tool', '2');
    await add('tool', '3');
    const names = (await readdir(cacheDirectory)).filter((name) => !name.startsWith('.'));
    expect(names.toSorted()).toEqual(['other-1', 'tool-2', 'tool-3']);
  });
});
