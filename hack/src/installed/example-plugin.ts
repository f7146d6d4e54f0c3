import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AutoWeavePlugin } from '@autoweave/crds';
import { parse } from 'yaml';
import { inventoryDirectory } from '../plugins/example-plugins.ts';

/** The example plugin under another name, in the namespace for plugins. */
export async function examplePlugin(options: {
  readonly name: string;
  readonly runtime: 'Thread' | 'Pod';
  readonly graceSeconds?: number;
}): Promise<AutoWeavePlugin> {
  const { name, runtime, graceSeconds } = options;
  const plugin = await readPlugin(inventoryDirectory);
  const placement = graceSeconds === undefined ? {} : { placement: { detachGraceSeconds: graceSeconds } };
  return {
    ...plugin,
    metadata: { name, namespace: 'autoweave-plugins' },
    spec: { ...plugin.spec, runtime, ...placement },
  };
}

/** In an image of its own, as the example is. */
export function pythonPlugin(): Promise<AutoWeavePlugin> {
  return readPlugin(join(inventoryDirectory, '../python-example'));
}

async function readPlugin(directory: string): Promise<AutoWeavePlugin> {
  return parse(await readFile(join(directory, 'autoweaveplugin.yaml'), 'utf8')) as AutoWeavePlugin;
}
