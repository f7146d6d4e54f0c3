import { readdir } from 'node:fs/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { MetricsRegistry } from '../telemetry/index.ts';
import { builtinResources } from './builtin-resources.ts';
import { Informer } from './informer.ts';
import type { InformerOptions } from './informer.ts';
import { KubeClient } from './kube-client.ts';
import { expiredStatus } from './testing/expired-status.ts';
import { FaultProxy } from './testing/fault-proxy.ts';
import type { Fault, ProxiedRequest } from './testing/fault-proxy.ts';
import { useTestCluster } from './testing/test-cluster.ts';
import type { ConfigMap, TestCluster } from './testing/test-cluster.ts';

const patience = { timeout: 20_000, interval: 20 };

describe('an informer', () => {
  let cluster: TestCluster;
  let proxy: FaultProxy;
  let client: KubeClient;
  let metrics: MetricsRegistry;
  const informers: Informer<ConfigMap>[] = [];

  beforeEach(async () => {
    cluster = await useTestCluster(inject('kubeconfigPath'));
    proxy = new FaultProxy(cluster.client.access);
    client = new KubeClient(await proxy.start(), { requestTimeoutMilliseconds: 5_000 });
    metrics = new MetricsRegistry();
  });

  afterEach(async () => {
    for (const informer of informers.splice(0)) await informer.stop();
    client.close();
    await proxy.stop();
    await cluster.stop();
  });

  /** With the changes it told, as `+a` for new, `~a` for changed, `-a` for gone. */
  function informerOf(options: Partial<InformerOptions<ConfigMap>> = {}) {
    const informer = new Informer<ConfigMap>({
      client,
      resource: builtinResources.configMap,
      namespace: cluster.namespace,
      logger: pino({ enabled: false }),
      metrics,
      ...options,
    });
    informers.push(informer);
    const told: string[] = [];
    informer.onChange((_, object, previous) => {
      told.push(`${object ? (previous ? '~' : '+') : '-'}${(object ?? previous)?.metadata.name}`);
    });
    return { informer, told };
  }

  const synced = async (informer: Informer<ConfigMap>) => {
    informer.start();
    await informer.whenSynced(AbortSignal.timeout(20_000));
  };

  const names = (informer: Informer<ConfigMap>) =>
    informer
      .list()
      .map(({ metadata }) => metadata.name)
      .toSorted();
  const metric = (name: string) => Number(new RegExp(`^${name}{[^}]*} (\\S+)$`, 'm').exec(metrics.render())?.[1]);

  /** Breaks the first `times` requests that match. */
  function failFirst(times: number, matches: (request: ProxiedRequest) => boolean, fault: Fault): void {
    let left = times;
    proxy.fault = (request) => (matches(request) && left-- > 0 ? fault : undefined);
  }

  it('tells what is there, and then each change once', async () => {
    await cluster.setConfigMap('a', { x: '1' });
    await cluster.setConfigMap('b', { x: '1' });
    const { informer, told } = informerOf();
    expect(informer.hasSynced).toBe(false);
    await synced(informer);
    expect(told).toEqual(['+a', '+b']);
    await cluster.setConfigMap('c', {});
    await cluster.setConfigMap('a', { x: '2' });
    await cluster.deleteConfigMap('b');
    await expect.poll(() => told, patience).toEqual(['+a', '+b', '+c', '~a', '-b']);
    expect(informer.get(`${cluster.namespace}/a`)?.data).toEqual({ x: '2' });
    expect(names(informer)).toEqual(['a', 'c']);
  });

  it('holds frozen objects without managed fields', async () => {
    await cluster.setConfigMap('a', { x: '1' });
    const { informer } = informerOf();
    await synced(informer);
    const [held] = informer.list();
    expect(held?.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(held?.data)).toBe(true);
  });

  it('lists in pages', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await cluster.setConfigMap(name, {});
    const { informer } = informerOf({ pageSize: 2 });
    await synced(informer);
    expect(names(informer)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(proxy.listRequests).toHaveLength(3);
  });

  it('goes on where it left off after a connection reset, without listing again', async () => {
    const { informer, told } = informerOf();
    await synced(informer);
    for (let round = 1; round <= 3; round += 1) {
      await expect.poll(() => proxy.openWatches, patience).toBe(1);
      proxy.resetConnections();
      await cluster.setConfigMap(`during-${round}`, {});
      await expect.poll(() => told.length, patience).toBe(round);
    }
    expect(told).toEqual(['+during-1', '+during-2', '+during-3']);
    expect(proxy.listRequests).toHaveLength(1);
    expect(metric('autoweave_informer_relists_total')).toBe(1);
  });

  it('lists again when its version expired, and notices what was changed and deleted meanwhile', async () => {
    for (const name of ['kept', 'changed', 'deleted']) await cluster.setConfigMap(name, { x: '1' });
    const { informer, told } = informerOf();
    await synced(informer);
    await expect.poll(() => proxy.openWatches, patience).toBe(1);
    told.length = 0;
    failFirst(1, ({ isWatch }) => isWatch, { kind: 'answer', status: 410, body: JSON.stringify(expiredStatus) });
    proxy.blackHoleWatches();
    await cluster.setConfigMap('changed', { x: '2' });
    await cluster.deleteConfigMap('deleted');
    await cluster.setConfigMap('new', {});
    proxy.resetConnections();
    await expect.poll(() => told.toSorted(), patience).toEqual(['+new', '-deleted', '~changed']);
    expect(names(informer)).toEqual(['changed', 'kept', 'new']);
    expect(metric('autoweave_informer_relists_total')).toBe(2);
  });

  it('lists again when the watch itself says that the version expired', async () => {
    const { informer, told } = informerOf();
    await synced(informer);
    await expect.poll(() => proxy.openWatches, patience).toBe(1);
    proxy.inject(JSON.stringify({ type: 'ERROR', object: expiredStatus }));
    await expect.poll(() => metric('autoweave_informer_relists_total'), patience).toBe(2);
    await cluster.setConfigMap('a', {});
    await expect.poll(() => told, patience).toEqual(['+a']);
  });

  it('begins the list anew when it took so long that its next page expired', async () => {
    for (const name of ['a', 'b', 'c']) await cluster.setConfigMap(name, {});
    failFirst(1, ({ query }) => query.has('continue'), {
      kind: 'answer',
      status: 410,
      body: JSON.stringify(expiredStatus),
    });
    const { informer, told } = informerOf({ pageSize: 2 });
    await synced(informer);
    expect(told).toEqual(['+a', '+b', '+c']);
  });

  it.each([
    ['500', { kind: 'answer', status: 500 }],
    ['503', { kind: 'answer', status: 503 }],
    ['429', { kind: 'answer', status: 429, headers: { 'Retry-After': '1' } }],
    ['401', { kind: 'answer', status: 401 }],
    ['something that is no JSON', { kind: 'answer', status: 200, body: '<html>' }],
    ['a reset', { kind: 'reset' }],
  ] as const)('survives %s as the answer to lists and watches', async (_, fault) => {
    failFirst(2, ({ isWatch }) => !isWatch, fault);
    const { informer, told } = informerOf();
    informer.start();
    await informer.whenSynced(AbortSignal.timeout(20_000));
    failFirst(2, ({ isWatch }) => isWatch, fault);
    proxy.resetConnections();
    await cluster.setConfigMap('after', {});
    await expect.poll(() => told, patience).toEqual(['+after']);
    expect(metric('autoweave_informer_restarts_total')).toBeGreaterThan(0);
  });

  it('comes back no sooner than a busy server asks', async () => {
    const { informer, told } = informerOf();
    await synced(informer);
    await expect.poll(() => proxy.openWatches, patience).toBe(1);
    const watchesBefore = proxy.watchRequests.length;
    failFirst(1, ({ isWatch }) => isWatch, { kind: 'answer', status: 429, headers: { 'Retry-After': '2' } });
    proxy.resetConnections();
    await expect.poll(() => proxy.watchRequests.length, patience).toBe(watchesBefore + 1);
    const refusedAt = performance.now();
    await expect.poll(() => proxy.watchRequests.length, patience).toBe(watchesBefore + 2);
    expect(performance.now() - refusedAt).toBeGreaterThan(1_900);
    await cluster.setConfigMap('after', {});
    await expect.poll(() => told, patience).toEqual(['+after']);
  });

  it('is not synced before a slow list has come', async () => {
    await cluster.setConfigMap('a', {});
    proxy.fault = ({ isWatch }) => (isWatch ? undefined : { kind: 'delay', milliseconds: 1_000 });
    const { informer, told } = informerOf();
    informer.start();
    await expect(informer.whenSynced(AbortSignal.timeout(300))).rejects.toThrow('timeout');
    expect(informer.hasSynced).toBe(false);
    await informer.whenSynced(AbortSignal.timeout(20_000));
    expect(told).toEqual(['+a']);
  });

  it('gives up on a list that never comes, and lists again', async () => {
    const impatient = new KubeClient(client.access, { requestTimeoutMilliseconds: 500 });
    failFirst(2, ({ isWatch }) => !isWatch, { kind: 'silence' });
    const { informer } = informerOf({ client: impatient });
    await synced(informer);
    expect(proxy.listRequests).toHaveLength(3);
    await informer.stop();
    impatient.close();
  });

  it('is not disturbed by a listener that throws', async () => {
    await cluster.setConfigMap('a', {});
    const { informer } = informerOf();
    const second: string[] = [];
    informer.onChange(() => {
      throw new Error('broken listener');
    });
    informer.onChange((key) => second.push(key));
    await synced(informer);
    await cluster.setConfigMap('b', {});
    await expect.poll(() => second, patience).toEqual([`${cluster.namespace}/a`, `${cluster.namespace}/b`]);
    proxy.resetConnections();
    await cluster.setConfigMap('c', {});
    await expect.poll(() => second.length, patience).toBe(3);
    expect(metric('autoweave_informer_listener_errors_total')).toBe(3);
  });

  it('watches once, even when it is started twice', async () => {
    const { informer, told } = informerOf();
    informer.start();
    await synced(informer);
    await cluster.setConfigMap('a', {});
    await expect.poll(() => told, patience).toEqual(['+a']);
    expect(proxy.watchRequests).toHaveLength(1);
    expect(proxy.openWatches).toBe(1);
  });

  it.each([
    ['it waits to come back', { kind: 'reset' }],
    ['a list is under way', { kind: 'silence' }],
  ] as const)('stops while %s, for good', async (_, fault) => {
    proxy.fault = () => fault;
    const { informer, told } = informerOf();
    informer.start();
    await expect.poll(() => proxy.requests.length, patience).toBeGreaterThan(0);
    const waiting = informer.whenSynced();
    await informer.stop();
    await expect(waiting).rejects.toThrow('stopped');
    proxy.fault = () => undefined;
    const requests = proxy.requests.length;
    await cluster.setConfigMap('a', {});
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(proxy.requests).toHaveLength(requests);
    expect(told).toEqual([]);
  });

  it('tells nothing after it was stopped, not even the rest of a list', async () => {
    for (const name of ['a', 'b', 'c']) await cluster.setConfigMap(name, {});
    const { informer, told } = informerOf();
    let stopped: Promise<void> | undefined;
    informer.onChange(() => {
      stopped ??= informer.stop();
    });
    informer.start();
    await expect(informer.whenSynced()).rejects.toThrow('stopped');
    await stopped;
    await cluster.setConfigMap('d', {});
    expect(told).toEqual(['+a']);
    expect(proxy.openWatches).toBe(0);
    expect(() => informer.start()).toThrow('stopped');
  });

  it('notices a watch that fell silent, and catches up', async () => {
    const { informer, told } = informerOf({ stallMilliseconds: 1_000 });
    await synced(informer);
    await expect.poll(() => proxy.openWatches, patience).toBe(1);
    proxy.blackHoleWatches();
    await cluster.setConfigMap('unseen', {});
    await expect.poll(() => told, patience).toEqual(['+unseen']);
    expect(proxy.listRequests).toHaveLength(1);
    expect(metric('autoweave_informer_restarts_total')).toBeGreaterThan(0);
  });

  it('asks for bookmarks, and moves its version with them', async () => {
    const { informer } = informerOf();
    await synced(informer);
    await expect.poll(() => proxy.openWatches, patience).toBe(1);
    expect(proxy.watchRequests[0]?.query.get('allowWatchBookmarks')).toBe('true');
    const resourceVersion = await currentVersion();
    await progress(informer, resourceVersion);
    proxy.resetConnections();
    await expect.poll(() => proxy.watchRequests.at(-1)?.query.get('resourceVersion'), patience).toBe(resourceVersion);
  });

  it('comes back at once when the server ends the watch in the ordinary way', async () => {
    const { informer, told } = informerOf({ watchTimeoutSeconds: 6 });
    await synced(informer);
    await expect.poll(() => proxy.watchRequests.length, { timeout: 30_000 }).toBe(3);
    await cluster.setConfigMap('a', {});
    await expect.poll(() => told, patience).toEqual(['+a']);
    expect(metric('autoweave_informer_restarts_total')).toBe(0);
    expect(proxy.listRequests).toHaveLength(1);
  });

  it('keeps no file descriptor of 200 connections that ended or broke', async () => {
    const { informer, told } = informerOf();
    await synced(informer);
    const openFiles = async () => (await readdir('/proc/self/fd')).length;
    const resourceVersion = await currentVersion();
    const before = await openFiles();
    for (let round = 1; round <= 200; round += 1) {
      await expect.poll(() => proxy.openWatches, patience).toBe(1);
      await progress(informer, resourceVersion);
      if (round % 2 === 0) proxy.resetConnections();
      else proxy.endWatches();
      await expect.poll(() => proxy.watchRequests.length, patience).toBe(round + 1);
    }
    await cluster.setConfigMap('a', {});
    await expect.poll(() => told, patience).toEqual(['+a']);
    await expect.poll(openFiles, patience).toBeLessThanOrEqual(before + 4);
    expect(proxy.openConnections).toBeLessThanOrEqual(2);
    expect(proxy.listRequests).toHaveLength(1);
  });

  async function currentVersion(): Promise<string> {
    const { resourceVersion } = await cluster.client.list(builtinResources.configMap, { namespace: cluster.namespace });
    return resourceVersion;
  }

  /** Sends a bookmark, as the server does each minute, and waits until it was taken. */
  async function progress(informer: Informer<ConfigMap>, resourceVersion: string): Promise<void> {
    const before = informer.lastProgressAt;
    await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(before);
    proxy.inject(JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } }));
    await expect.poll(() => informer.lastProgressAt, { timeout: 20_000, interval: 2 }).toBeGreaterThan(before);
  }
});
