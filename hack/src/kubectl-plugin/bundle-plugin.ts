import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { licenceNotices } from './licence-notices.ts';

const repository = join(import.meta.dirname, '../../..');

/** The oldest Node that the plugin runs on. */
export const oldestNode = 20;

/**
 * An unknown file type is CommonJS or a module by where the file lies; `require` is made for the case that there is a
 * package.json with `"type": "module"` above it.
 */
const banner = `#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < ${oldestNode}) {
  console.error('Error: kubectl autoweave needs Node ${oldestNode} or newer, this is ' + process.versions.node);
  process.exit(1);
}
if (process.getBuiltinModule) var require = process.getBuiltinModule('node:module').createRequire(process.execPath);`;

export interface PluginBundle {
  /** The whole program. */
  readonly text: string;
  /** Bytes of each source file in it, by its path in the repository. */
  readonly inputs: Readonly<Record<string, number>>;
}

/** `kubectl-autoweave` as one file that needs nothing but Node. The same sources give the same bytes. */
export async function bundlePlugin(): Promise<PluginBundle> {
  const result = await build({
    absWorkingDir: repository,
    entryPoints: ['kubectl-autoweave/src/main.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: `node${oldestNode}`,
    minify: true,
    keepNames: true,
    legalComments: 'none',
    charset: 'utf8',
    banner: { js: banner },
    logLevel: 'error',
  });
  const code = result.outputFiles[0]?.text ?? '';
  const output = Object.values(result.metafile.outputs)[0];
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const notices = await licenceNotices(
    inputs.map(([path]) => path),
    (path) => readFile(join(repository, path), 'utf8'),
  );
  return {
    text: `${code}\n${notices}`,
    inputs: Object.fromEntries(inputs.map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
  };
}
