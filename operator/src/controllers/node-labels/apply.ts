import { fieldManagers } from '@autoweave/crds';
import { builtinResources, type KubeClient, resourcePath } from '@autoweave/platform/kube';
import { type ClusterNode, ownLabels } from '../../cluster-node.ts';
import type { Labels } from './plan.ts';

/**
 * Gives the node exactly these labels of ours. A node that is gone, or another of the same name, is refused with a
 * conflict.
 *
 * @throws KubeError, KubeConnectionError
 */
export async function applyNodeLabels(
  client: KubeClient,
  { metadata }: ClusterNode,
  labels: Labels,
  signal: AbortSignal,
): Promise<void> {
  const { name, uid } = metadata;
  const applied = await client.apply<ClusterNode>(
    builtinResources.node,
    // The uid: without it a node that is gone would be made anew.
    { metadata: { name, uid, labels } },
    { fieldManager: fieldManagers.nodeLabels, force: true },
    signal,
  );
  const foreign = Object.keys(ownLabels(applied)).filter((key) => labels[key] === undefined);
  if (foreign.length === 0) return;
  // Somebody else wrote labels of ours: those an apply leaves alone.
  const removal = { metadata: { uid, labels: Object.fromEntries(foreign.map((key) => [key, null])) } };
  await client.request({
    method: 'PATCH',
    path: resourcePath(builtinResources.node, { name }),
    query: { fieldManager: fieldManagers.nodeLabels },
    contentType: 'application/merge-patch+json',
    body: JSON.stringify(removal),
    signal,
  });
}
