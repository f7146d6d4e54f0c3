import { join } from 'node:path';
import { pluginYaml } from './build-plugin.ts';

/** The plugin that `npm start` applies. */
export const inventoryDirectory = join(import.meta.dirname, '../../../plugins/device-inventory');

/** Folder of every example plugin. */
export const examplePlugins: readonly string[] = [inventoryDirectory];

export interface GeneratedPlugin {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** The objects that are committed, as they should be. */
export async function generatedPlugins(): Promise<readonly GeneratedPlugin[]> {
  return Promise.all(
    examplePlugins.map(async (directory) => ({
      path: join(directory, 'autoweaveplugin.yaml'),
      text: await pluginYaml(directory),
    })),
  );
}
