import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export interface DeliveryManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Below the root of the repository: what users give to their GitOps tool. */
export const deliveryFiles = ['deploy/argocd/application.yaml', 'deploy/flux/autoweave.yaml'] as const;
export type DeliveryFile = (typeof deliveryFiles)[number];

const root = join(import.meta.dirname, '../../..');

export function deliveryText(file: DeliveryFile): string {
  return readFileSync(join(root, file), 'utf8');
}

export function deliveryManifests(file: DeliveryFile): readonly DeliveryManifest[] {
  return parseAllDocuments(deliveryText(file)).map((document) => document.toJS() as DeliveryManifest);
}

/** The values of the chart that the Application gives. @throws Error when it gives none */
export function applicationValues(): Readonly<Record<string, unknown>> {
  const [application] = deliveryManifests('deploy/argocd/application.yaml');
  const { source } = (application?.spec ?? {}) as {
    readonly source?: { readonly helm?: { readonly valuesObject?: object } };
  };
  const values = source?.helm?.valuesObject;
  if (values === undefined) throw new Error('The Application has no values');
  return { ...values };
}

/** The values of the chart that the HelmRelease gives. @throws Error when it gives none */
export function helmReleaseValues(): Readonly<Record<string, unknown>> {
  const release = deliveryManifests('deploy/flux/autoweave.yaml').find(({ kind }) => kind === 'HelmRelease');
  const { values } = (release?.spec ?? {}) as { readonly values?: object };
  if (values === undefined) throw new Error('The HelmRelease has no values');
  return { ...values };
}
