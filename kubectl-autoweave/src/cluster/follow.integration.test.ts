import {
  builtinResources,
  KubeClient,
  loadClusterAccess,
  type KubeObject,
  type WatchEvent,
} from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { PluginCluster } from '../testing/plugin-cluster.ts';
import { follow } from './follow.ts';
import { listAll } from './list-all.ts';

const { configMap } = builtinResources;

class CountingClient extends KubeClient {
  watches = 0;

  override watch<T extends KubeObject>(...parameters: Parameters<KubeClient['watch']>): AsyncGenerator<WatchEvent<T>> {
    this.watches += 1;
    return super.watch<T>(...parameters);
  }
}

describe('following objects', () => {
  let cluster: PluginCluster;
  let namespace: string;

  beforeAll(async () => {
    cluster = await PluginCluster.connect(inject('kubeconfigPath'));
    namespace = await cluster.namespace('follow');
  });

  afterAll(() => cluster.close());

  const make = (name: string) => cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });

  it('goes on when the server ends the watch, and lists again when it has forgotten where we were', async () => {
    await make('first');
    const client = new CountingClient(cluster.client.access);
    onTestFinished(() => client.close());
    const stopping = new AbortController();
    const seen: string[] = [];
    const interruptions: string[] = [];
    const following = follow<KubeObject>(
      {
        client,
        resource: configMap,
        namespace,
        fieldSelector: 'metadata.name!=kube-root-ca.crt',
        // The server has not had this version for long.
        resourceVersion: '1',
        watchTimeoutSeconds: 1,
        onChange: async ({ metadata }) => void seen.push(metadata.name),
        onInterruption: (reason) => interruptions.push(reason),
      },
      stopping.signal,
    );
    await expect.poll(() => seen).toContain('first');
    await make('second');
    await expect.poll(() => seen).toContain('second');
    const { watches } = client;
    await expect.poll(() => client.watches).toBeGreaterThan(watches + 1);
    await make('third');
    await expect.poll(() => seen).toContain('third');
    stopping.abort();
    await following;
    expect(new Set(seen)).toEqual(new Set(['first', 'second', 'third']));
  });

  it('is told at once when it is forbidden', async () => {
    const access = await loadClusterAccess({ kubeconfigPath: inject('kubeconfigPath') });
    const nobody = new KubeClient({ ...access, headers: { 'Impersonate-User': 'nobody' } });
    const options = {
      client: nobody,
      resource: configMap,
      resourceVersion: '1',
      onChange: async () => undefined,
      onInterruption: () => undefined,
    };
    await expect(follow(options, AbortSignal.timeout(20_000))).rejects.toMatchObject({ status: 403 });
    nobody.close();
  });

  it('lists every page, and holds only what is asked for', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await make(`page-${name}`);
    const request = {
      namespace,
      pageSize: 2,
      keep: ({ metadata }: KubeObject) => metadata.name,
      signal: AbortSignal.timeout(20_000),
    };
    const { items } = await listAll(cluster.client, configMap, request);
    expect(items.filter((name) => name.startsWith('page-'))).toEqual([
      'page-a',
      'page-b',
      'page-c',
      'page-d',
      'page-e',
    ]);
  });
});
