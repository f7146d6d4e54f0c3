import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiGroup, resources } from '@autoweave/crds';
import { stringify } from 'yaml';
import type { GeneratedFile } from '../generate/generated-files.ts';

const directory = join(import.meta.dirname, '../../../deploy/argocd');
const header = `# Health checks for Argo CD. Generated from resource_customizations by \`npm run generate\`; do not edit.
# kubectl --namespace argocd patch configmap argocd-cm --patch-file argocd-cm-patch.yaml
`;

/** A patch that brings all our health checks into the ConfigMap \`argocd-cm\`. */
export async function argocdConfigMap(): Promise<GeneratedFile> {
  const kinds = Object.values(resources).map(({ kind }) => kind);
  const entries = kinds.toSorted().map(async (kind) => {
    const script = await readFile(join(directory, 'resource_customizations', apiGroup, kind, 'health.lua'), 'utf8');
    return [`resource.customizations.health.${apiGroup}_${kind}`, script] as const;
  });
  const data = Object.fromEntries(await Promise.all(entries));
  return { path: join(directory, 'argocd-cm-patch.yaml'), text: header + stringify({ data }, { lineWidth: 0 }) };
}
