import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { stringify } from 'yaml';
import { type ControlPlane, kubeconfig, runKubectl, startControlPlane } from '../../testing/index.ts';
import { HelmClient, type KubernetesManifest, parseManifests, releaseNamespace } from './helm-client.ts';

/** A real API server without our definitions, and what a test of the chart does with it. */
export class ChartCluster {
  readonly plane: ControlPlane;
  readonly helm: HelmClient;
  /** Of a member of system:masters. */
  readonly admin: KubeClient;
  readonly #clients: KubeClient[] = [];
  #files = 0;

  private constructor(plane: ControlPlane, helm: HelmClient, admin: KubeClient) {
    this.plane = plane;
    this.helm = helm;
    this.admin = admin;
    this.#clients.push(admin);
  }

  static async start(): Promise<ChartCluster> {
    const plane = await startControlPlane({ manifests: [] });
    const helm = await HelmClient.open(3, plane.kubeconfigPath);
    const admin = new KubeClient(await loadClusterAccess({ kubeconfigPath: plane.kubeconfigPath }));
    const cluster = new ChartCluster(plane, helm, admin);
    await cluster.makeNamespaces(releaseNamespace);
    return cluster;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    this.helm.close();
    await this.plane.stop();
  }

  async makeNamespaces(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.kubectl(['create', 'namespace', name]);
  }

  kubectl(parameters: readonly string[]): Promise<string> {
    return runKubectl(this.plane, parameters);
  }

  /** `kubectl <verb> … --filename` of these objects. */
  async kubectlWith(parameters: readonly string[], objects: readonly object[]): Promise<string> {
    this.#files += 1;
    const file = join(this.plane.directory, `objects-${this.#files}.yaml`);
    writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
    return this.kubectl([...parameters, '--filename', file]);
  }

  /** What Helm makes for the pod or job of an event of the release: its account and rights. @returns the pod or job */
  async makeHooks(event: 'pre-delete' | 'test'): Promise<readonly KubernetesManifest[]> {
    const all = parseManifests(await this.helm.run(['get', 'hooks', 'autoweave']));
    const hooks = all.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === event);
    const runs = hooks.filter(({ kind }) => kind === 'Job' || kind === 'Pod');
    await this.kubectlWith(
      ['create'],
      hooks.filter((hook) => !runs.includes(hook)),
    );
    return runs;
  }

  /** A pod that nothing runs, on a node that nothing runs on: the token of a service account can be bound to it. */
  async makePod(pod: {
    readonly namespace: string;
    readonly serviceAccount: string;
    readonly node: string;
  }): Promise<string> {
    const { namespace, serviceAccount, node } = pod;
    const name = `${serviceAccount}-on-${node}`;
    const containers = [
      {
        name: 'main',
        image: 'none',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ];
    const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
    const spec = { serviceAccountName: serviceAccount, nodeName: node, securityContext, containers };
    await this.kubectlWith(['create'], [{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }]);
    return name;
  }

  /** Who has the token of a service account; of a pod of it, when that is named. */
  async clientOf(account: Account): Promise<KubeClient> {
    const client = new KubeClient(await loadClusterAccess({ kubeconfigPath: await this.kubeconfigOf(account) }));
    this.#clients.push(client);
    return client;
  }

  /** Path of a kubeconfig with that token. */
  async kubeconfigOf({ namespace, name, pod }: Account): Promise<string> {
    const bound = pod === undefined ? [] : ['--bound-object-kind=Pod', `--bound-object-name=${pod}`];
    const token = (await this.kubectl(['create', 'token', name, `--namespace=${namespace}`, ...bound])).trim();
    const path = join(this.plane.directory, `token-of-${namespace}-${pod ?? name}`);
    const { url: server, certificateAuthority } = this.plane;
    writeFileSync(path, kubeconfig({ server, certificateAuthority, token }));
    return path;
  }
}

export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly pod?: string;
}
