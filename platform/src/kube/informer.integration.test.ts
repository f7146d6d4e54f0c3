import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { InformerStage, namesOf, patience } from './testing/informer-stage.ts';

let stage: InformerStage;
beforeEach(async () => {
  stage = await InformerStage.start(inject('kubeconfigPath'));
});
afterEach(() => stage.stop());

describe('an informer', () => {
  it('tells what is there, and then each change once', async () => {
    await stage.cluster.setConfigMap('a', { x: '1' });
    await stage.cluster.setConfigMap('b', { x: '1' });
    const { informer, told } = stage.informerOf();
    expect(informer.hasSynced).toBe(false);
    await stage.synced(informer);
    expect(told).toEqual(['+a', '+b']);
    await stage.cluster.setConfigMap('c', {});
    await stage.cluster.setConfigMap('a', { x: '2' });
    await stage.cluster.deleteConfigMap('b');
    await expect.poll(() => told, patience).toEqual(['+a', '+b', '+c', '~a', '-b']);
    expect(informer.get(`${stage.cluster.namespace}/a`)?.data).toEqual({ x: '2' });
    expect(namesOf(informer)).toEqual(['a', 'c']);
  });

  it('holds frozen objects without managed fields', async () => {
    await stage.cluster.setConfigMap('a', { x: '1' });
    const { informer } = stage.informerOf();
    await stage.synced(informer);
    const [held] = informer.list();
    expect(held?.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(held?.data)).toBe(true);
  });

  it('lists in pages', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await stage.cluster.setConfigMap(name, {});
    const { informer } = stage.informerOf({ pageSize: 2 });
    await stage.synced(informer);
    expect(namesOf(informer)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(stage.proxy.listRequests).toHaveLength(3);
  });

  it('is not disturbed by a listener that throws', async () => {
    await stage.cluster.setConfigMap('a', {});
    const { informer } = stage.informerOf();
    const second: string[] = [];
    informer.onChange(() => {
      throw new Error('broken listener');
    });
    informer.onChange((key) => second.push(key));
    await stage.synced(informer);
    await stage.cluster.setConfigMap('b', {});
    await expect.poll(() => second, patience).toEqual([`${stage.cluster.namespace}/a`, `${stage.cluster.namespace}/b`]);
    stage.proxy.resetConnections();
    await stage.cluster.setConfigMap('c', {});
    await expect.poll(() => second.length, patience).toBe(3);
    expect(stage.metric('autoweave_informer_listener_errors_total')).toBe(3);
  });

  it('watches once, even when it is started twice', async () => {
    const { informer, told } = stage.informerOf();
    informer.start();
    await stage.synced(informer);
    await stage.cluster.setConfigMap('a', {});
    await expect.poll(() => told, patience).toEqual(['+a']);
    expect(stage.proxy.watchRequests).toHaveLength(1);
    expect(stage.proxy.openWatches).toBe(1);
  });

  it.each([
    ['it waits to come back', { kind: 'reset' }],
    ['a list is under way', { kind: 'silence' }],
  ] as const)('stops while %s, for good', async (_, fault) => {
    stage.proxy.fault = () => fault;
    const { informer, told } = stage.informerOf();
    informer.start();
    await expect.poll(() => stage.proxy.requests.length, patience).toBeGreaterThan(0);
    const waiting = informer.whenSynced();
    await informer.stop();
    await expect(waiting).rejects.toThrow('stopped');
    stage.proxy.fault = () => undefined;
    const requests = stage.proxy.requests.length;
    await stage.cluster.setConfigMap('a', {});
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(stage.proxy.requests).toHaveLength(requests);
    expect(told).toEqual([]);
  });

  it('tells nothing after it was stopped, not even the rest of a list', async () => {
    for (const name of ['a', 'b', 'c']) await stage.cluster.setConfigMap(name, {});
    const { informer, told } = stage.informerOf();
    let stopped: Promise<void> | undefined;
    informer.onChange(() => {
      stopped ??= informer.stop();
    });
    informer.start();
    await expect(informer.whenSynced()).rejects.toThrow('stopped');
    await stopped;
    await stage.cluster.setConfigMap('d', {});
    expect(told).toEqual(['+a']);
    expect(stage.proxy.openWatches).toBe(0);
    expect(() => informer.start()).toThrow('stopped');
  });

  it('asks for bookmarks, and moves its version with them', async () => {
    const { informer } = stage.informerOf();
    await stage.synced(informer);
    await expect.poll(() => stage.proxy.openWatches, patience).toBe(1);
    expect(stage.proxy.watchRequests[0]?.query.get('allowWatchBookmarks')).toBe('true');
    const resourceVersion = await stage.currentVersion();
    await stage.progress(informer, resourceVersion);
    stage.proxy.resetConnections();
    await expect
      .poll(() => stage.proxy.watchRequests.at(-1)?.query.get('resourceVersion'), patience)
      .toBe(resourceVersion);
  });

  it('comes back at once when the server ends the watch in the ordinary way', async () => {
    const { informer, told } = stage.informerOf({ watchTimeoutSeconds: 6 });
    await stage.synced(informer);
    await expect.poll(() => stage.proxy.watchRequests.length, { timeout: 30_000 }).toBe(3);
    await stage.cluster.setConfigMap('a', {});
    await expect.poll(() => told, patience).toEqual(['+a']);
    expect(stage.metric('autoweave_informer_restarts_total')).toBe(0);
    expect(stage.proxy.listRequests).toHaveLength(1);
  });
});
