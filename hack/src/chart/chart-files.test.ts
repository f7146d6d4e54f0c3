import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fieldManagers, labels, leaseName, nodeLabels, queues, resources, workloadNames } from '@autoweave/crds';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { chartDirectory, chartFiles, crdTemplates } from './chart-files.ts';
import { type ChartValue, parseChartValues } from './chart-values.ts';

const root = join(import.meta.dirname, '../../..');

describe('the generated files of the chart', () => {
  it('are what `npm run generate` makes of values.yaml and crds/manifests', async () => {
    const files = await chartFiles();
    for (const { path, text } of files) expect(await readFile(path, 'utf8'), path).toBe(text);
    const templates = files.map(({ path }) => basename(path)).filter((name) => name.startsWith('autoweave.dev_'));
    expect((await readdir(crdTemplates)).toSorted()).toEqual(templates);
  });
});

describe('every value of the chart', () => {
  it('is described', async () => {
    const silent = leaves(await values()).filter(({ description }) => description === '');
    expect(silent.map(({ path }) => path)).toEqual(selfExplaining);
  });

  it('is used by a template', async () => {
    const text = await templateText();
    const unused = leaves(await values()).filter(({ key }) => !new RegExp(`\\.${key}\\b`).test(text));
    expect(unused.map(({ path }) => path)).toEqual([]);
  });
});

describe('Chart.yaml', () => {
  it('has the version of the product, and all kinds', async () => {
    const chart = parse(await readFile(join(chartDirectory, 'Chart.yaml'), 'utf8')) as ChartYaml;
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string };
    expect([chart.version, chart.appVersion]).toEqual([version, version]);
    const images = parse(chart.annotations['artifacthub.io/images'] ?? '') as readonly { readonly image: string }[];
    expect(images.map(({ image }) => image)).toEqual(
      ['operator', 'node-agent', 'runner'].map((name) => `autoweave/${name}:${version}`),
    );
    const kinds = parse(chart.annotations['artifacthub.io/crds'] ?? '') as readonly { readonly kind: string }[];
    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(
      Object.values(resources)
        .map(({ kind }) => kind)
        .toSorted(),
    );
  });
});

describe('the templates', () => {
  it('use the names that the code uses', async () => {
    const text = await templateText();
    const { presencePrefix, placementPrefix } = nodeLabels;
    const names = [presencePrefix, placementPrefix, labels.vendorId, labels.productId, leaseName, workloadNames.runner];
    for (const name of [...names, ...Object.keys(queues.intake)]) expect(text).toContain(name);
    expect(fieldManagers.nodeAgent('node')).toContain('autoweave-node-agent');
  });
});

interface ChartYaml {
  readonly version: string;
  readonly appVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Values whose name says all. */
const selfExplaining = [
  'redis.image.tag',
  'redis.image.pullPolicy',
  'redis.persistence.size',
  'monitoring.podMonitor.interval',
  'monitoring.serviceMonitor.interval',
];

async function values(): Promise<readonly ChartValue[]> {
  return parseChartValues(await readFile(join(chartDirectory, 'values.yaml'), 'utf8'));
}

function leaves(list: readonly ChartValue[]): readonly ChartValue[] {
  return list.flatMap((value) => (value.children === undefined ? [value] : leaves(value.children)));
}

async function templateText(): Promise<string> {
  const directory = join(chartDirectory, 'templates');
  const names = (await readdir(directory, { recursive: true })).filter((name) => /\.(yaml|tpl|txt)$/.test(name));
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('\n');
}
