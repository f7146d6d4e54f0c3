import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AutoWeaveError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { inClusterPaths, loadInClusterAccess } from './in-cluster.ts';

export interface LoadClusterAccessOptions {
  /** One path, or several as in KUBECONFIG. */
  readonly kubeconfigPath?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the kubelet mounts the service account. For tests. */
  readonly serviceAccountDirectory?: string;
}

/**
 * In this order: the given path, KUBECONFIG, the service account of the pod, `~/.kube/config`.
 *
 * @throws AutoWeaveError AW_KUBECONFIG_INVALID
 */
export async function loadClusterAccess(options: LoadClusterAccessOptions = {}): Promise<ClusterAccess> {
  const env = options.env ?? {};
  const named = options.kubeconfigPath || env['KUBECONFIG'];
  if (named) return fromKubeconfig(named);
  const paths = inClusterPaths(options.serviceAccountDirectory);
  if (env['KUBERNETES_SERVICE_HOST'] && (await exists(paths.token))) return loadInClusterAccess(env, paths);
  const standard = join(env['HOME'] ?? homedir(), '.kube', 'config');
  if (await exists(standard)) return fromKubeconfig(standard);
  throw new AutoWeaveError(
    'AW_KUBECONFIG_INVALID',
    `KUBECONFIG is not set, there is no service account, and ${standard} does not exist`,
  );
}

/** Loaded when needed: in a cluster, where memory counts on every node, nobody needs a YAML parser. */
async function fromKubeconfig(paths: string): Promise<ClusterAccess> {
  const { loadKubeconfig } = await import('./kubeconfig.ts');
  return loadKubeconfig(paths);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
