import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * zod exports the messages of 50 languages under one name, which keeps all of them in a bundle. It configures itself
 * with English, which is what we print.
 */
export function oneLocale(): Plugin {
  return {
    name: 'one-locale',
    setup(build) {
      build.onResolve({ filter: /\/locales\/index\.js$/ }, ({ resolveDir }) =>
        /\/zod\/v4\/\w+$/.test(resolveDir)
          ? { path: join(resolveDir, '../locales/en.js'), sideEffects: false }
          : undefined,
      );
    },
  };
}
