import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HelmClient, releaseNamespace } from '../chart/testing/helm-client.ts';
import { type Cluster, startCluster } from '../cluster/index.ts';
import { imageArchives } from '../images/index.ts';

const kubectlPlugin = join(import.meta.dirname, '../../../kubectl-autoweave/src/main.ts');

/** What differs from a user's cluster: there is no registry, no storage class and no time to wait five minutes. */
export const installValues = {
  redis: {
    image: { registry: '', repository: 'autoweave/redis', tag: '0.1.0' },
    persistence: { enabled: false },
  },
  runner: { seccompProfile: 'autoweave/plugin.json' },
  policy: {
    create: true,
    spec: { plugins: { allowUnsigned: [{ namespace: 'autoweave-plugins' }] } },
  },
};

/** A real cluster of two nodes, on one of which USB devices can be plugged in. AutoWeave is installed as users do it. */
export class InstalledCluster {
  readonly cluster: Cluster;
  readonly helm: HelmClient;
  readonly #directory: string;
  #files = 0;

  private constructor(cluster: Cluster, helm: HelmClient, directory: string) {
    this.cluster = cluster;
    this.helm = helm;
    this.#directory = directory;
  }

  static async start(): Promise<InstalledCluster> {
    const images = (await imageArchives()).map(({ path }) => path);
    const cluster = await startCluster({ images });
    const helm = await HelmClient.open(3, cluster.kubeconfigPath);
    return new InstalledCluster(cluster, helm, await mkdtemp(join(tmpdir(), 'autoweave-installed-')));
  }

  async stop(): Promise<void> {
    this.helm.close();
    await this.cluster.stop();
    await rm(this.#directory, { recursive: true });
  }

  install(): Promise<string> {
    return this.helm.release('install', installValues, ['--create-namespace', '--wait', '--timeout=5m']);
  }

  uninstall(): Promise<string> {
    return this.helm.run(['uninstall', 'autoweave', '--wait', '--timeout=3m']);
  }

  async apply(object: object): Promise<void> {
    this.#files += 1;
    const file = join(this.#directory, `${this.#files}.json`);
    await writeFile(file, JSON.stringify(object));
    await this.cluster.kubectl('apply', '--server-side', '--field-manager=tester', `--filename=${file}`);
  }

  async get<T>(...parameters: readonly string[]): Promise<T> {
    return JSON.parse(await this.cluster.kubectl('get', ...parameters, '--output=json')) as T;
  }

  /** What `kubectl autoweave doctor` finds; its exit code tells the worst, which is no failure here. */
  async doctor(): Promise<readonly { readonly check: string; readonly status: string; readonly message: string }[]> {
    const environment = { ...process.env, KUBECONFIG: this.cluster.kubeconfigPath };
    const parameters = [kubectlPlugin, 'doctor', '--output=json'];
    const { promise, resolve } = Promise.withResolvers<string>();
    execFile(process.execPath, parameters, { env: environment }, (_error, stdout) => resolve(stdout));
    return (JSON.parse(await promise) as { checks: [] }).checks;
  }

  /** All that tells why something did not come up. */
  async report(): Promise<string> {
    const commands = [
      ['get', 'pods', '--all-namespaces', '--output=wide'],
      ['get', 'awp,usbdevices,usbnodes', '--all-namespaces', '--output=wide'],
      ['get', 'events', '--all-namespaces', '--sort-by=.lastTimestamp'],
      ['logs', `--namespace=${releaseNamespace}`, 'deployment/autoweave-operator', '--all-pods', '--tail=60'],
      ['logs', '--namespace=autoweave-node', 'daemonset/autoweave-node-agent', '--all-containers', '--tail=60'],
    ];
    const texts = await Promise.all(
      commands.map((command) => this.cluster.kubectl(...command).catch((error: unknown) => String(error))),
    );
    return commands.map((command, index) => `$ kubectl ${command.join(' ')}\n${texts[index]}`).join('\n');
  }
}
