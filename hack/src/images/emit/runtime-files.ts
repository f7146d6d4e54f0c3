import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const reference = /new URL\('(\.[^'`$]+)', import\.meta\.url\)/g;

/**
 * Finds what our modules read at run time, which they name as `new URL('<path>', import.meta.url)`, and makes them
 * look beside the bundle. A path that is put together at run time is not seen: that file is in product-images.ts.
 *
 * @param found called with absolute paths, also for a module that is left out of the bundle later
 */
export function runtimeFiles(found: (module: string, file: string) => void): Plugin {
  return {
    name: 'runtime-files',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const code = await readFile(path, 'utf8');
        let contents = code;
        for (const [text, name = ''] of code.matchAll(reference)) {
          const file = join(dirname(path), name);
          if (!(await isFile(file))) throw new Error(`${path} reads ${name}, which is no file`);
          found(path, file);
          contents = contents.replaceAll(text, `new URL('./${basename(file)}', import.meta.url)`);
        }
        return contents === code ? undefined : { contents, loader: 'ts' };
      });
    },
  };
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}
