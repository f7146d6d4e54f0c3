import { resources } from '@autoweave/crds';
import { KubeClient, loadClusterAccess, type KubeObject, type Resource } from '@autoweave/platform/kube';
import { kinds } from '../cluster/kinds.ts';

const fieldManager = 'kubectl-autoweave-test';

/** Puts objects into the shared API server, and takes them away again. */
export class PluginCluster {
  readonly client: KubeClient;
  readonly #made: { readonly resource: Resource; readonly name: string; readonly namespace: string | undefined }[] = [];

  private constructor(client: KubeClient) {
    this.client = client;
  }

  static async connect(kubeconfigPath: string): Promise<PluginCluster> {
    return new PluginCluster(new KubeClient(await loadClusterAccess({ kubeconfigPath }), { userAgent: fieldManager }));
  }

  /** With its status, as agents and operator would write it. */
  async put<T extends KubeObject & { readonly status?: unknown }>(object: T): Promise<T> {
    const resource = resourceOf(object);
    const { name, namespace, labels = {}, annotations = {} } = object.metadata;
    const { status, ...rest } = object;
    const metadata = { name, namespace, labels, annotations };
    this.#made.push({ resource, name, namespace });
    const options = { fieldManager, force: true };
    const made = await this.client.apply<T>(resource, { ...rest, metadata } as never, options);
    if (status === undefined) return made;
    const body = { metadata: { name, namespace }, status };
    return this.client.apply<T>(resource, body as never, { ...options, subresource: 'status' });
  }

  async namespace(prefix: string): Promise<string> {
    const name = `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
    await this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return name;
  }

  /** Lets a user do something, in all namespaces. */
  async grant(user: string, rules: readonly object[]): Promise<void> {
    const group = 'rbac.authorization.k8s.io';
    const metadata = { name: user.replaceAll(':', '-') };
    const base = { apiVersion: `${group}/v1`, metadata };
    const [, , namespace = '', account = ''] = user.split(':');
    const subject =
      account === ''
        ? { kind: 'User', name: user, apiGroup: group }
        : { kind: 'ServiceAccount', name: account, namespace };
    const roleRef = { kind: 'ClusterRole', name: metadata.name, apiGroup: group };
    await this.put(withFields({ ...base, kind: 'ClusterRole' }, { rules }));
    await this.put(withFields({ ...base, kind: 'ClusterRoleBinding' }, { roleRef, subjects: [subject] }));
  }

  async close(): Promise<void> {
    for (const { resource, ...target } of this.#made.toReversed()) await this.client.delete(resource, target);
    this.client.close();
  }
}

/** Fields that the type of the object does not name. */
export function withFields<T extends KubeObject>(object: T, fields: object): T {
  return { ...object, ...fields };
}

const known: readonly Resource[] = [
  ...Object.values(resources),
  ...Object.values(kinds),
  ...['ClusterRole', 'ClusterRoleBinding'].map(rbac),
];

function rbac(kind: string): Resource {
  const group = 'rbac.authorization.k8s.io';
  return { group, version: 'v1', plural: `${kind.toLowerCase()}s`, kind, namespaced: false };
}

function resourceOf({ kind }: KubeObject): Resource {
  const resource = known.find((candidate) => candidate.kind === kind);
  if (resource === undefined) throw new Error(`Kind ${kind} is not known`);
  return resource;
}
