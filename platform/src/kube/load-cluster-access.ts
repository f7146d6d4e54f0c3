import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AutoWeaveError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { inClusterPaths, loadInClusterAccess } from './in-cluster.ts';

export interface LoadClusterAccessOptions {
  /** One path, or several as in KUBECONFIG. */
  readonly kubeconfigPath?: string | undefined;
  /** Of the kubeconfig, instead of its current one; the service account of a pod is not looked for then. */
  readonly context?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the kubelet mounts the service account. For tests. */
  readonly serviceAccountDirectory?: string;
}

/**
 * In this order: the given path, KUBECONFIG, the service account of the pod, `~/.kube/config`.
 *
 * @throws AutoWeaveError AW_KUBECONFIG_INVALID, AW_CONTEXT_UNKNOWN
 */
export async function loadClusterAccess(options: LoadClusterAccessOptions = {}): Promise<ClusterAccess> {
  const env = options.env ?? {};
  const named = options.kubeconfigPath || env['KUBECONFIG'];
  if (named) return fromKubeconfig(named, options);
  const paths = inClusterPaths(options.serviceAccountDirectory);
  const inCluster = options.context === undefined && env['KUBERNETES_SERVICE_HOST'] && (await exists(paths.token));
  if (inCluster) return loadInClusterAccess(env, paths);
  const standard = standardKubeconfig(env);
  if (await exists(standard)) return fromKubeconfig(standard, options);
  throw new AutoWeaveError(
    'AW_KUBECONFIG_INVALID',
    `KUBECONFIG is not set, there is no service account, and ${standard} does not exist`,
  );
}

/** The names of the contexts to choose from. @throws AutoWeaveError AW_KUBECONFIG_INVALID */
export async function listKubeconfigContexts(options: LoadClusterAccessOptions = {}): Promise<readonly string[]> {
  const env = options.env ?? {};
  const { listContexts } = await import('./kubeconfig.ts');
  return listContexts(options.kubeconfigPath || env['KUBECONFIG'] || standardKubeconfig(env));
}

function standardKubeconfig(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['HOME'] ?? homedir(), '.kube', 'config');
}

/** Loaded when needed: in a cluster, where memory counts on every node, nobody needs a YAML parser. */
async function fromKubeconfig(paths: string, { context, env }: LoadClusterAccessOptions): Promise<ClusterAccess> {
  const { loadKubeconfig } = await import('./kubeconfig.ts');
  return loadKubeconfig(paths, { context, ...(env === undefined ? {} : { env }) });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
