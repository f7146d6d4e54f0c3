import { containerd, coredns, kubernetesNodes, kwok, networkPlugins, runc } from './cluster-products.ts';
import { type ToolContext, toolContext } from './context.ts';
import type { KubernetesTools } from './kubernetes-tools.ts';
import { etcd, kubernetes } from './products.ts';
import { provideProduct } from './provide-product.ts';

/** Paths of executables. */
export interface ClusterTools extends KubernetesTools, NodeTools {
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly coredns: string;
}

/** What a node runs. They need no library, so that they run in any Linux. */
export interface NodeTools {
  readonly kubelet: string;
  readonly kubeProxy: string;
  readonly containerd: string;
  readonly containerdShim: string;
  readonly ctr: string;
  readonly runc: string;
  /** Container network plugins by their names. */
  readonly networkPlugins: Readonly<Record<string, string>>;
}

/**
 * All that a cluster consists of: minutes to build the first time where releases cannot be downloaded.
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE which says what was tried.
 */
export async function provideClusterTools(context: ToolContext = toolContext()): Promise<ClusterTools> {
  // One after the other: each build uses all processors.
  const storage = await provideProduct(context, etcd);
  // A kubelet must not be newer than the API server.
  const control = await provideProduct(context, { ...kubernetes, minimum: kubernetes.version });
  const nodes = await provideProduct(context, kubernetesNodes);
  const runtime = await provideProduct(context, containerd);
  return {
    etcd: storage.etcd,
    kubeApiserver: control['kube-apiserver'],
    kubectl: control.kubectl,
    kubelet: nodes.kubelet,
    kubeProxy: nodes['kube-proxy'],
    kubeControllerManager: nodes['kube-controller-manager'],
    kubeScheduler: nodes['kube-scheduler'],
    containerd: runtime.containerd,
    containerdShim: runtime['containerd-shim-runc-v2'],
    ctr: runtime.ctr,
    runc: (await provideProduct(context, runc)).runc,
    networkPlugins: await provideProduct(context, networkPlugins),
    coredns: (await provideProduct(context, coredns)).coredns,
  };
}

/** Path of `kwok`, which simulates nodes. @throws AutoWeaveError AW_TOOL_UNAVAILABLE. */
export async function provideKwok(context: ToolContext = toolContext()): Promise<string> {
  return (await provideProduct(context, kwok)).kwok;
}
