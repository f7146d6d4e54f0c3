import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { argocdConfigMap } from './argocd-config-map.ts';
import { deliveryFiles, deliveryManifests, deliveryText } from './delivery-manifests.ts';

const root = join(import.meta.dirname, '../../..');
const page = join(root, 'docs/gitops.md');

describe('deploy/argocd/argocd-cm-patch.yaml', () => {
  it('is what `npm run generate` makes of the health checks', async () => {
    const { path, text } = await argocdConfigMap();
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});

describe.each(deliveryFiles)('%s', (file) => {
  it('is shown whole in docs/gitops.md', async () => {
    expect(await readFile(page, 'utf8')).toContain(`\`\`\`yaml\n${deliveryText(file)}\`\`\``);
  });

  it('takes the chart of this version', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string };
    expect(deliveryText(file)).toMatch(new RegExp(`(targetRevision|tag): v${version}\\n`));
    expect(deliveryText(file)).toContain('charts/autoweave\n');
  });
});

describe('the Applications', () => {
  const applications = deliveryManifests('deploy/argocd/application.yaml');

  it('bring the product before what needs its kinds', () => {
    const waves = applications.map(({ metadata }) => metadata.annotations?.['argocd.argoproj.io/sync-wave']);
    expect(waves).toEqual(['0', '1']);
  });

  it('apply on the server, compare there, and ignore nothing', () => {
    for (const { metadata, spec } of applications) {
      expect(metadata.annotations?.['argocd.argoproj.io/compare-options']).toBe('ServerSideDiff=true');
      expect(spec).toMatchObject({
        syncPolicy: { syncOptions: expect.arrayContaining(['ServerSideApply=true']) as unknown },
      });
      expect(spec).not.toHaveProperty('ignoreDifferences');
    }
  });
});
