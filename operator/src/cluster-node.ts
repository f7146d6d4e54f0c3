import { nodeLabels } from '@autoweave/crds';
import type { KubeObject } from '@autoweave/platform/kube';

/** A Node, of which only the labels that are ours are kept. */
export type ClusterNode = KubeObject;

export function ownLabels({ metadata }: KubeObject): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([key]) => isOwnLabel(key)));
}

/** For an informer: nodes are large, many, and change often. */
export function strippedNode({ apiVersion, kind, metadata }: KubeObject): ClusterNode {
  const { name, resourceVersion, uid } = metadata;
  const labels = ownLabels({ apiVersion, kind, metadata });
  const version = resourceVersion === undefined ? {} : { resourceVersion };
  return { apiVersion, kind, metadata: { name, ...(uid === undefined ? {} : { uid }), ...version, labels } };
}

function isOwnLabel(key: string): boolean {
  return key.startsWith(nodeLabels.presencePrefix) || key.startsWith(nodeLabels.placementPrefix);
}
