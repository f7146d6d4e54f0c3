import { type ToolContext, toolContext } from './context.ts';
import { etcd, kubernetes } from './products.ts';
import { provideProduct } from './provide-product.ts';

/** Paths of executables. */
export interface KubernetesTools {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubectl: string;
}

/**
 * Finds the servers in KUBEBUILDER_ASSETS, PATH and our cache; else downloads or builds them into the cache.
 * @throws AutoWeaveError AW_TOOL_UNAVAILABLE which says what was tried.
 */
export async function provideKubernetesTools(context: ToolContext = toolContext()): Promise<KubernetesTools> {
  const storage = await provideProduct(context, etcd);
  const control = await provideProduct(context, kubernetes);
  return { etcd: storage.etcd, kubeApiserver: control['kube-apiserver'], kubectl: control.kubectl };
}
