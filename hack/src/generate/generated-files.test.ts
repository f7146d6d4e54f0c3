import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from './generated-files.ts';

describe('crds/src/generated', () => {
  it('is what `npm run generate` makes of crds/manifests', { timeout: 60_000 }, async () => {
    const files = await generatedFiles();
    const [first] = files;
    if (first === undefined) throw new Error('Nothing is generated');

    expect((await readdir(dirname(first.path))).toSorted()).toEqual(
      files.map((file) => basename(file.path)).toSorted(),
    );
    for (const file of files) expect(await readFile(file.path, 'utf8'), file.path).toBe(file.text);
  });
});
