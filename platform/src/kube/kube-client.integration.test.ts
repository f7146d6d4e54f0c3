import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { builtinResources } from './builtin-resources.ts';
import { KubeClient } from './kube-client.ts';
import { KubeConnectionError, KubeError } from './kube-error.ts';
import { FaultProxy } from './testing/fault-proxy.ts';
import { useTestCluster } from './testing/test-cluster.ts';
import type { ConfigMap, TestCluster } from './testing/test-cluster.ts';
import { tokenFromFile } from './token-file.ts';

const { configMap, namespace: namespaceResource, node } = builtinResources;

describe('the API client', () => {
  let cluster: TestCluster;
  let proxy: FaultProxy;
  let proxied: KubeClient;

  beforeAll(async () => {
    cluster = await useTestCluster(inject('kubeconfigPath'));
    proxy = new FaultProxy(cluster.client.access);
    proxied = new KubeClient(await proxy.start(), { requestTimeoutMilliseconds: 2_000 });
  });

  afterEach(() => {
    proxy.fault = () => undefined;
    proxy.requests.length = 0;
  });

  afterAll(async () => {
    proxied.close();
    await proxy.stop();
    await cluster.stop();
  });

  const at = (name: string) => ({ name, namespace: cluster.namespace });

  it('applies, reads, replaces and deletes an object', async () => {
    const { client } = cluster;
    const applied = await cluster.setConfigMap('object', { text: 'Gerät @ "1" — 雨' });
    expect(await client.get<ConfigMap>(configMap, at('object'))).toEqual(applied);
    const { resourceVersion } = applied.metadata;
    const replaced = await client.update<ConfigMap>(configMap, {
      metadata: { ...at('object'), resourceVersion },
      data: { text: 'b' },
    });
    expect(replaced.data).toEqual({ text: 'b' });
    await expect(client.update(configMap, { metadata: { ...at('object'), resourceVersion } })).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
    expect(await client.delete(configMap, at('object'))).toBe(true);
    expect(await client.get(configMap, at('object'))).toBeUndefined();
    expect(await client.delete(configMap, at('object'))).toBe(false);
  });

  it('shares an object between field managers, and takes over only when told to', async () => {
    const { client } = cluster;
    const apply = (fieldManager: string, data: Record<string, string>, force?: boolean) =>
      client.apply<ConfigMap>(configMap, { metadata: at('shared'), data }, { fieldManager, force });
    await apply('one', { a: '1' });
    expect((await apply('two', { b: '2' })).data).toEqual({ a: '1', b: '2' });
    await expect(apply('two', { a: '3', b: '2' })).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    expect((await apply('two', { a: '3', b: '2' }, true)).data).toEqual({ a: '3', b: '2' });
    expect((await apply('two', {})).data).toBeUndefined();
  });

  it('writes a status through its subresource', async () => {
    const { client } = cluster;
    const name = `node-${crypto.randomUUID().slice(0, 8)}`;
    await client.create(node, { metadata: { name } });
    const written = await client.apply(
      node,
      { metadata: { name }, status: { phase: 'Running' } },
      { fieldManager: 'test', subresource: 'status' },
    );
    expect(written).toMatchObject({ status: { phase: 'Running' } });
    await client.delete(node, { name });
  });

  it('is told about a field that does not exist', async () => {
    const { client } = cluster;
    const wrong = { metadata: at('wrong'), dat: { a: '1' } };
    await expect(client.create(configMap, wrong)).rejects.toThrow('unknown field "dat"');
    await expect(client.apply(configMap, wrong, { fieldManager: 'test' })).rejects.toThrow('.dat: field not declared');
  });

  it('deletes only the object it means', async () => {
    await cluster.setConfigMap('meant', {});
    const preconditions = { uid: crypto.randomUUID() };
    await expect(cluster.client.delete(configMap, { ...at('meant'), preconditions })).rejects.toMatchObject({
      reason: 'Conflict',
    });
  });

  it('says that a create came too late', async () => {
    const existing = { metadata: { name: cluster.namespace } };
    await expect(cluster.client.create(namespaceResource, existing)).rejects.toMatchObject({
      status: 409,
      reason: 'AlreadyExists',
      details: { kind: 'namespaces', name: cluster.namespace },
    });
  });

  it('lists page by page, with the type of each item', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) {
      await cluster.client.create(configMap, { metadata: { ...at(name), labels: { page: 'yes' } } });
    }
    const options = { namespace: cluster.namespace, labelSelector: 'page=yes', limit: 2 };
    const first = await cluster.client.list(configMap, options);
    const second = await cluster.client.list(configMap, { ...options, continue: first.continue });
    expect([...first.items, ...second.items].map(({ metadata }) => metadata.name)).toEqual([
      'page-1',
      'page-2',
      'page-3',
    ]);
    expect(first.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(second.continue).toBeUndefined();
  });

  it('watches from a version on, until it is told to stop', async () => {
    const abort = new AbortController();
    const { resourceVersion } = await cluster.client.list(configMap, { namespace: cluster.namespace });
    await cluster.setConfigMap('watched', { a: '1' });
    await cluster.deleteConfigMap('watched');
    const seen: string[] = [];
    const fieldSelector = 'metadata.name=watched';
    const options = { namespace: cluster.namespace, fieldSelector, resourceVersion };
    for await (const event of cluster.client.watch(configMap, options, abort.signal)) {
      seen.push(event.type);
      if (seen.length === 2) abort.abort();
    }
    expect(seen).toEqual(['ADDED', 'DELETED']);
  });

  it('waits as long as a busy server asks, and then repeats what may be repeated', async () => {
    let refusals = 2;
    proxy.fault = () => (refusals-- > 0 ? { kind: 'answer', status: 429, headers: { 'Retry-After': '1' } } : undefined);
    const startedAt = performance.now();
    await proxied.list(configMap, { namespace: cluster.namespace });
    expect(performance.now() - startedAt).toBeGreaterThan(1_950);
    expect(proxy.requests).toHaveLength(3);
  });

  it('gives up on a server that stays busy', async () => {
    proxy.fault = () => ({ kind: 'answer', status: 503, headers: { 'Retry-After': '0' } });
    await expect(proxied.get(configMap, at('any'))).rejects.toMatchObject({ status: 503, retryAfterSeconds: 0 });
    expect(proxy.requests).toHaveLength(4);
  });

  it('never repeats a create', async () => {
    proxy.fault = () => ({ kind: 'answer', status: 429, headers: { 'Retry-After': '0' } });
    await expect(proxied.create(configMap, { metadata: at('once') })).rejects.toMatchObject({ status: 429 });
    expect(proxy.requests).toHaveLength(1);
  });

  it('stops waiting when it is told to', async () => {
    proxy.fault = () => ({ kind: 'answer', status: 429, headers: { 'Retry-After': '15' } });
    const signal = AbortSignal.timeout(200);
    await expect(proxied.get(configMap, at('any'), signal)).rejects.toThrow('timeout');
    expect(proxy.requests).toHaveLength(1);
  });

  it('says when no answer comes in time', async () => {
    proxy.fault = () => ({ kind: 'silence' });
    const error: unknown = await proxied.get(configMap, at('any')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KubeConnectionError);
    expect(error).toMatchObject({ code: 'AW_KUBE_UNREACHABLE', message: expect.stringContaining('within 2000 ms') });
  });

  it('says when the connection breaks', async () => {
    proxy.fault = () => ({ kind: 'reset' });
    await expect(proxied.create(configMap, { metadata: at('any') })).rejects.toBeInstanceOf(KubeConnectionError);
  });

  it('says when something else answers', async () => {
    proxy.fault = () => ({ kind: 'answer', status: 200, body: '<html>' });
    await expect(proxied.get(configMap, at('any'))).rejects.toThrow('was not answered with JSON');
  });

  it('does not notice that the server closed a kept connection', async () => {
    await proxied.get(configMap, at('any'));
    proxy.resetConnections();
    await expect(proxied.get(configMap, at('any'))).resolves.toBeUndefined();
  });

  it('rejects with the reason of the signal that ends it', async () => {
    proxy.fault = () => ({ kind: 'silence' });
    const abort = new AbortController();
    const request = proxied.get(configMap, at('any'), abort.signal);
    abort.abort(new Error('shutting down'));
    await expect(request).rejects.toThrow('shutting down');
    await expect(proxied.get(configMap, at('any'), abort.signal)).rejects.toThrow('shutting down');
  });

  it('does not let watches starve requests', async () => {
    const client = new KubeClient(proxied.access, { maximumSockets: 1 });
    const abort = new AbortController();
    const { resourceVersion } = await client.list(configMap, { namespace: cluster.namespace });
    const watches = Array.from({ length: 5 }, async () => {
      for await (const event of client.watch(
        configMap,
        { namespace: cluster.namespace, resourceVersion },
        abort.signal,
      )) {
        return event.type;
      }
      return 'ended';
    });
    await expect.poll(() => proxy.openWatches).toBe(5);
    await expect(client.get(configMap, at('any'))).resolves.toBeUndefined();
    abort.abort();
    expect(await Promise.all(watches)).toEqual(Array.from({ length: 5 }, () => 'ended'));
    client.close();
  });

  it('reads its token again when the server refuses the old one', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'token-')), 'token');
    const valid = (await cluster.client.access.token?.({ refresh: false })) ?? '';
    await writeFile(path, 'revoked');
    const token = tokenFromFile(path);
    await token({ refresh: false });
    await writeFile(path, valid);
    const client = new KubeClient({ ...cluster.client.access, token });
    await expect(client.get(namespaceResource, { name: cluster.namespace })).resolves.toBeDefined();
    client.close();
  });

  it('says that it is not who it should be', async () => {
    const client = new KubeClient({ ...cluster.client.access, token: async () => 'wrong' });
    const error: unknown = await client.get(namespaceResource, { name: 'default' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KubeError);
    expect(error).toMatchObject({ status: 401, reason: 'Unauthorized' });
    client.close();
  });

  it('does not talk to a server it cannot verify', async () => {
    const { ca: _, ...tls } = cluster.client.access.tls;
    const client = new KubeClient({ ...cluster.client.access, tls });
    await expect(client.get(namespaceResource, { name: 'default' })).rejects.toBeInstanceOf(KubeConnectionError);
    client.close();
  });
});
