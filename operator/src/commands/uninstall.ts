import { setTimeout as delay } from 'node:timers/promises';
import { fieldManagers, nodeLabels } from '@autoweave/crds';
import { builtinResources, isNotFound, type KubeClient, type Resource, resourcePath } from '@autoweave/platform/kube';
import type { Logger } from '@autoweave/platform/telemetry';

export interface UninstallOptions {
  readonly client: KubeClient;
  /** Of the operator. */
  readonly namespace: string;
  /** Where plugins may have pods; empty: everywhere. */
  readonly pluginNamespaces: readonly string[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const deployment = 'autoweave-operator';
/** On all that the operator makes. */
const ours = 'app.kubernetes.io/managed-by=autoweave';
const made = [
  builtinResources.daemonSet,
  builtinResources.deployment,
  builtinResources.job,
  builtinResources.serviceAccount,
] as const;
const pollMilliseconds = 500;

/**
 * Takes out of the cluster what the operator put there and nothing else would take out: the workloads of plugins, and
 * the labels of nodes. The operator is stopped first, so that it does not put them back. May be repeated.
 *
 * @throws KubeError, KubeConnectionError, the reason of the signal
 */
export async function uninstall(options: UninstallOptions): Promise<void> {
  await stopOperator(options);
  const { pluginNamespaces } = options;
  const places = pluginNamespaces.length === 0 ? [undefined] : pluginNamespaces;
  for (const resource of made) for (const place of places) await deleteAll(options, resource, place);
  await removeNodeLabels(options);
}

async function stopOperator({ client, namespace, logger, signal }: UninstallOptions): Promise<void> {
  try {
    await client.request({
      method: 'PATCH',
      path: `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}/scale`,
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ spec: { replicas: 0 } }),
      signal,
    });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  for (;;) {
    const selector = { namespace, labelSelector: 'app.kubernetes.io/component=operator' };
    const { items } = await client.list(builtinResources.pod, selector, signal);
    if (items.length === 0) break;
    await delay(pollMilliseconds, undefined, { signal });
  }
  logger.info('Stopped the operator');
}

async function deleteAll(
  { client, logger, signal }: UninstallOptions,
  resource: Resource,
  place: string | undefined,
): Promise<void> {
  const { items } = await client.list(resource, { namespace: place, labelSelector: ours }, signal);
  for (const { metadata } of items) {
    const { name, namespace, uid } = metadata;
    const preconditions = uid === undefined ? {} : { uid };
    await client.delete(resource, { name, namespace, preconditions, propagationPolicy: 'Background' }, signal);
    logger.info({ kind: resource.kind, namespace, name }, 'Deleted an object of a plugin');
  }
}

/** Whoever wrote them. */
async function removeNodeLabels({ client, logger, signal }: UninstallOptions): Promise<void> {
  const { presencePrefix, placementPrefix } = nodeLabels;
  const { items } = await client.list(builtinResources.node, {}, signal);
  for (const { metadata } of items) {
    const { name, uid } = metadata;
    const names = Object.keys(metadata.labels ?? {});
    const found = names.filter((label) => label.startsWith(presencePrefix) || label.startsWith(placementPrefix));
    if (found.length === 0) continue;
    const labels = Object.fromEntries(found.map((label) => [label, null]));
    await client.request({
      method: 'PATCH',
      path: resourcePath(builtinResources.node, { name }),
      query: { fieldManager: fieldManagers.nodeLabels },
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ metadata: { uid, labels } }),
      signal,
    });
    logger.info({ node: name }, 'Removed the labels of a node');
  }
}
