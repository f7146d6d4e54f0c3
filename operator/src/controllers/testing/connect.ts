import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { inject, onTestFinished } from 'vitest';

/** A client of the API server of the tests, until the test ends. */
export async function connect(): Promise<KubeClient> {
  const client = new KubeClient(await loadClusterAccess({ kubeconfigPath: inject('kubeconfigPath') }));
  onTestFinished(() => client.close());
  return client;
}
