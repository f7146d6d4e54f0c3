import { readFile, readdir } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { type AutoWeavePlugin, groupVersion, type PluginManifest, textDigest } from '@autoweave/crds';
import { manifestFileName, parsePluginManifest } from '@autoweave/crds/validators';
import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';

/** `plugin.json` of a plugin: what cannot be derived from its files. */
interface PluginDescription {
  readonly manifest: Omit<PluginManifest, 'manifestVersion' | 'files'>;
  readonly resource: {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: Omit<AutoWeavePlugin['spec'], 'source'>;
  };
}

/**
 * The plugin in a folder as one object to apply: `src/**.ts` without types and tests, the manifest with their
 * digests, and what `plugin.json` says.
 *
 * @throws Error that names what is wrong with the manifest
 */
export async function buildPluginManifest(directory: string): Promise<AutoWeavePlugin> {
  const description = JSON.parse(await readFile(join(directory, 'plugin.json'), 'utf8')) as PluginDescription;
  const files = await scripts(join(directory, 'src'));
  const digests = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, textDigest(text)]));
  const manifest = JSON.stringify({ manifestVersion: 1, ...description.manifest, files: digests }, undefined, 2);
  const parsed = parsePluginManifest(manifest);
  if (!parsed.ok) throw new Error(`${directory}: ${parsed.failure.message}`);
  const { metadata, spec } = description.resource;
  return {
    apiVersion: groupVersion,
    kind: 'AutoWeavePlugin',
    metadata,
    spec: { ...spec, source: { files: { [manifestFileName]: `${manifest}\n`, ...files } } },
  };
}

/** The object as it is committed beside the sources. */
export async function pluginYaml(directory: string): Promise<string> {
  const header = `# Generated from src/ and plugin.json by \`npm run generate\`; do not edit.\n`;
  return header + stringify(await buildPluginManifest(directory), { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Path to JavaScript, sorted. */
async function scripts(directory: string): Promise<Record<string, string>> {
  const names = await readdir(directory, { recursive: true });
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).toSorted();
  const pairs = sources.map(async (name) => {
    const source = await readFile(join(directory, name), 'utf8');
    return [name.replace(/\.ts$/, '.js'), await script(source)] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Stripping leaves blanks where types were; formatting takes them away, so that a diff shows the code. */
async function script(source: string): Promise<string> {
  const code = stripTypeScriptTypes(source).replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'");
  const options = await resolveConfig(import.meta.filename);
  return format(code, { ...options, parser: 'babel' });
}
