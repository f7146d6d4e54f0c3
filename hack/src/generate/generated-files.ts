import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { type CustomResourceDefinition, parseCustomResourceDefinition } from './custom-resource-definition.ts';
import { kindFileName, kindTypes } from './kind-types.ts';
import { resourceTable } from './resource-table.ts';
import { schemaFields } from './schema-fields.ts';

const repository = join(import.meta.dirname, '../../..');
const manifests = join(repository, 'crds/manifests');
const target = join(repository, 'crds/src/generated');
const header = '// Generated from crds/manifests by `npm run generate`; do not edit.\n\n';

export interface GeneratedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** Every file below crds/src/generated as it should be. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const definitions = await readDefinitions();
  const kinds = await Promise.all(
    definitions.map(async (definition) =>
      generatedFile(kindFileName(definition.spec.names.kind), await kindTypes(definition)),
    ),
  );
  const names = definitions.map((definition) => kindFileName(definition.spec.names.kind));
  const index = [...names, 'resources.ts'].map((name) => `export * from './${name}';\n`).join('');
  return [
    ...kinds,
    await generatedFile('resources.ts', resourceTable(definitions)),
    await generatedFile('index.ts', index),
    // Apart from the index: only who compares schemas needs it.
    await generatedFile('schema-fields.ts', schemaFields(definitions)),
  ];
}

async function readDefinitions(): Promise<readonly CustomResourceDefinition[]> {
  const names = (await readdir(manifests)).filter((name) => name.endsWith('.yaml')).toSorted();
  return Promise.all(
    names.map(async (name) => parseCustomResourceDefinition(await readFile(join(manifests, name), 'utf8'))),
  );
}

async function generatedFile(name: string, code: string): Promise<GeneratedFile> {
  const path = join(target, name);
  const options = { ...(await resolveConfig(path)), filepath: path };
  const text = await format(header + code, options);
  return { path, text: text.replaceAll(/^\}\n(?=\S)/gm, '}\n\n') };
}
