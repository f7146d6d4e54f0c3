import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { GeneratedFile } from '../generate/generated-files.ts';
import { parseChartValues } from './chart-values.ts';
import { crdTemplate } from './crd-template.ts';
import { readmeText } from './readme-text.ts';
import { valuesSchema } from './values-schema.ts';

const repository = join(import.meta.dirname, '../../..');
export const chartDirectory = join(repository, 'charts/autoweave');
export const crdManifests = join(repository, 'crds/manifests');
export const crdTemplates = join(chartDirectory, 'templates/crds');

/** Every file of the chart that is made from others, as it should be. */
export async function chartFiles(): Promise<readonly GeneratedFile[]> {
  const values = parseChartValues(await readFile(join(chartDirectory, 'values.yaml'), 'utf8'));
  const names = (await readdir(crdManifests)).filter((name) => name.endsWith('.yaml')).toSorted();
  return [
    ...(await Promise.all(names.map((name) => crdFile(join(crdManifests, name))))),
    await schemaFile(JSON.stringify(valuesSchema(values))),
    { path: join(chartDirectory, 'README.md'), text: readmeText(values) },
  ];
}

async function crdFile(manifest: string): Promise<GeneratedFile> {
  return { path: join(crdTemplates, basename(manifest)), text: crdTemplate(await readFile(manifest, 'utf8')) };
}

async function schemaFile(text: string): Promise<GeneratedFile> {
  const path = join(chartDirectory, 'values.schema.json');
  return { path, text: await format(text, { ...(await resolveConfig(path)), filepath: path }) };
}
