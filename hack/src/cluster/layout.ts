import { join } from 'node:path';

/** Where the directory of the cluster is mounted in the sandbox and in guests: short, as paths of sockets must be. */
export const insideDirectory = '/run/autoweave';

export const kubeletRoot = '/var/lib/kubelet';
export const containerdRoot = '/var/lib/containerd';
export const containerdSocket = '/run/containerd/containerd.sock';

/** Files of a cluster, all below one directory. */
export interface ClusterLayout {
  readonly directory: string;
  /** What is going on; see cluster-state.ts. */
  readonly state: string;
  readonly logs: string;
  /** Configuration files of the servers. */
  readonly configuration: string;
  /** Kubeconfig of an administrator. */
  readonly kubeconfig: string;
}

export function clusterLayout(directory: string): ClusterLayout {
  return {
    directory,
    state: join(directory, 'state'),
    logs: join(directory, 'logs'),
    configuration: join(directory, 'configuration'),
    kubeconfig: join(directory, 'kubeconfig'),
  };
}

/** The path, in the sandbox and in guests, of a file below `configuration`. */
export function configurationFile(name: string): string {
  return join(insideDirectory, 'configuration', name);
}
