import { builtinResources } from '../builtin-resources.ts';
import { KubeClient } from '../kube-client.ts';
import type { KubeObject } from '../kube-object.ts';
import { loadClusterAccess } from '../load-cluster-access.ts';

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** A namespace of its own on the shared API server, and what tests do in it. */
export interface TestCluster {
  readonly client: KubeClient;
  readonly namespace: string;
  setConfigMap(name: string, data: Record<string, string>): Promise<ConfigMap>;
  deleteConfigMap(name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function useTestCluster(kubeconfigPath: string): Promise<TestCluster> {
  const client = new KubeClient(await loadClusterAccess({ kubeconfigPath }), { userAgent: 'autoweave-test' });
  const namespace = `kube-${crypto.randomUUID().slice(0, 8)}`;
  await client.create(builtinResources.namespace, { metadata: { name: namespace } });
  return {
    client,
    namespace,
    setConfigMap: (name, data) =>
      client.apply<ConfigMap>(
        builtinResources.configMap,
        { metadata: { name, namespace }, data },
        { fieldManager: 'autoweave-test' },
      ),
    deleteConfigMap: async (name) => {
      await client.delete(builtinResources.configMap, { name, namespace });
    },
    stop: async () => {
      await client.delete(builtinResources.namespace, { name: namespace });
      client.close();
    },
  };
}
