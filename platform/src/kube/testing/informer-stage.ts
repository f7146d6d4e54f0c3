import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { MetricsRegistry } from '../../telemetry/index.ts';
import { builtinResources } from '../builtin-resources.ts';
import { Informer, type InformerOptions } from '../informer.ts';
import { KubeClient } from '../kube-client.ts';
import { FaultProxy, type Fault, type ProxiedRequest } from './fault-proxy.ts';
import { useTestCluster, type ConfigMap, type TestCluster } from './test-cluster.ts';

export const patience = { timeout: 20_000, interval: 20 };

/** Informers of ConfigMaps in a namespace of their own, behind a proxy that breaks what it is told to. */
export class InformerStage {
  readonly cluster: TestCluster;
  readonly proxy: FaultProxy;
  readonly client: KubeClient;
  readonly metrics = new MetricsRegistry();
  readonly #informers: Informer<ConfigMap>[] = [];

  private constructor(parts: Pick<InformerStage, 'cluster' | 'proxy' | 'client'>) {
    this.cluster = parts.cluster;
    this.proxy = parts.proxy;
    this.client = parts.client;
  }

  static async start(kubeconfigPath: string): Promise<InformerStage> {
    const cluster = await useTestCluster(kubeconfigPath);
    const proxy = new FaultProxy(cluster.client.access);
    const client = new KubeClient(await proxy.start(), { requestTimeoutMilliseconds: 5_000 });
    return new InformerStage({ cluster, proxy, client });
  }

  async stop(): Promise<void> {
    for (const informer of this.#informers.splice(0)) await informer.stop();
    this.client.close();
    await this.proxy.stop();
    await this.cluster.stop();
  }

  /** With the changes it told, as `+a` for new, `~a` for changed, `-a` for gone. */
  informerOf(options: Partial<InformerOptions<ConfigMap>> = {}): {
    readonly informer: Informer<ConfigMap>;
    readonly told: string[];
  } {
    const informer = new Informer<ConfigMap>({
      client: this.client,
      resource: builtinResources.configMap,
      namespace: this.cluster.namespace,
      logger: pino({ enabled: false }),
      metrics: this.metrics,
      ...options,
    });
    this.#informers.push(informer);
    const told: string[] = [];
    informer.onChange((_, object, previous) => {
      told.push(`${object ? (previous ? '~' : '+') : '-'}${(object ?? previous)?.metadata.name}`);
    });
    return { informer, told };
  }

  async synced(informer: Informer<ConfigMap>): Promise<void> {
    informer.start();
    await informer.whenSynced(AbortSignal.timeout(20_000));
  }

  metric(name: string): number {
    return Number(new RegExp(`^${name}{[^}]*} (\\S+)$`, 'm').exec(this.metrics.render())?.[1]);
  }

  async currentVersion(): Promise<string> {
    const { client, namespace } = this.cluster;
    return (await client.list(builtinResources.configMap, { namespace })).resourceVersion;
  }

  /** Sends a bookmark, as the server does each minute, and waits until it was taken. */
  async progress(informer: Informer<ConfigMap>, resourceVersion: string): Promise<void> {
    const before = informer.lastProgressAt;
    while (Date.now() <= before) await delay(1);
    this.proxy.inject(JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } }));
    const signal = AbortSignal.timeout(20_000);
    while (informer.lastProgressAt <= before) await delay(2, undefined, { signal });
  }

  /** Breaks the first `times` requests that match. */
  failFirst(times: number, matches: (request: ProxiedRequest) => boolean, fault: Fault): void {
    let left = times;
    this.proxy.fault = (request) => (matches(request) && left-- > 0 ? fault : undefined);
  }
}

export function namesOf(informer: Informer<ConfigMap>): readonly string[] {
  return informer
    .list()
    .map(({ metadata }) => metadata.name)
    .toSorted();
}
