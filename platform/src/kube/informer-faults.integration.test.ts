import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { KubeClient } from './kube-client.ts';
import { expiredStatus } from './testing/expired-status.ts';
import { InformerStage, namesOf, patience } from './testing/informer-stage.ts';

let stage: InformerStage;
beforeEach(async () => {
  stage = await InformerStage.start(inject('kubeconfigPath'));
});
afterEach(() => stage.stop());

describe('an informer whose API server fails', () => {
  it('goes on where it left off after a connection reset, without listing again', async () => {
    const { informer, told } = stage.informerOf();
    await stage.synced(informer);
    for (let round = 1; round <= 3; round += 1) {
      await expect.poll(() => stage.proxy.openWatches, patience).toBe(1);
      stage.proxy.resetConnections();
      await stage.cluster.setConfigMap(`during-${round}`, {});
      await expect.poll(() => told.length, patience).toBe(round);
    }
    expect(told).toEqual(['+during-1', '+during-2', '+during-3']);
    expect(stage.proxy.listRequests).toHaveLength(1);
    expect(stage.metric('autoweave_informer_relists_total')).toBe(1);
  });

  it('lists again when its version expired, and notices what was changed and deleted meanwhile', async () => {
    for (const name of ['kept', 'changed', 'deleted']) await stage.cluster.setConfigMap(name, { x: '1' });
    const { informer, told } = stage.informerOf();
    await stage.synced(informer);
    await expect.poll(() => stage.proxy.openWatches, patience).toBe(1);
    told.length = 0;
    stage.failFirst(1, ({ isWatch }) => isWatch, { kind: 'answer', status: 410, body: JSON.stringify(expiredStatus) });
    stage.proxy.blackHoleWatches();
    await stage.cluster.setConfigMap('changed', { x: '2' });
    await stage.cluster.deleteConfigMap('deleted');
    await stage.cluster.setConfigMap('new', {});
    stage.proxy.resetConnections();
    await expect.poll(() => told.toSorted(), patience).toEqual(['+new', '-deleted', '~changed']);
    expect(namesOf(informer)).toEqual(['changed', 'kept', 'new']);
    expect(stage.metric('autoweave_informer_relists_total')).toBe(2);
  });

  it('lists again when the watch itself says that the version expired', async () => {
    const { informer, told } = stage.informerOf();
    await stage.synced(informer);
    await expect.poll(() => stage.proxy.openWatches, patience).toBe(1);
    stage.proxy.inject(JSON.stringify({ type: 'ERROR', object: expiredStatus }));
    await expect.poll(() => stage.metric('autoweave_informer_relists_total'), patience).toBe(2);
    await stage.cluster.setConfigMap('a', {});
    await expect.poll(() => told, patience).toEqual(['+a']);
  });

  it('begins the list anew when it took so long that its next page expired', async () => {
    for (const name of ['a', 'b', 'c']) await stage.cluster.setConfigMap(name, {});
    stage.failFirst(1, ({ query }) => query.has('continue'), {
      kind: 'answer',
      status: 410,
      body: JSON.stringify(expiredStatus),
    });
    const { informer, told } = stage.informerOf({ pageSize: 2 });
    await stage.synced(informer);
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
    stage.failFirst(2, ({ isWatch }) => !isWatch, fault);
    const { informer, told } = stage.informerOf();
    informer.start();
    await informer.whenSynced(AbortSignal.timeout(20_000));
    stage.failFirst(2, ({ isWatch }) => isWatch, fault);
    stage.proxy.resetConnections();
    await stage.cluster.setConfigMap('after', {});
    await expect.poll(() => told, patience).toEqual(['+after']);
    expect(stage.metric('autoweave_informer_restarts_total')).toBeGreaterThan(0);
  });

  it('comes back no sooner than a busy server asks', async () => {
    const { informer, told } = stage.informerOf();
    await stage.synced(informer);
    await expect.poll(() => stage.proxy.openWatches, patience).toBe(1);
    const watchesBefore = stage.proxy.watchRequests.length;
    stage.failFirst(1, ({ isWatch }) => isWatch, { kind: 'answer', status: 429, headers: { 'Retry-After': '2' } });
    stage.proxy.resetConnections();
    await expect.poll(() => stage.proxy.watchRequests.length, patience).toBe(watchesBefore + 1);
    const refusedAt = performance.now();
    await expect.poll(() => stage.proxy.watchRequests.length, patience).toBe(watchesBefore + 2);
    expect(performance.now() - refusedAt).toBeGreaterThan(1_900);
    await stage.cluster.setConfigMap('after', {});
    await expect.poll(() => told, patience).toEqual(['+after']);
  });

  it('is not synced before a slow list has come', async () => {
    await stage.cluster.setConfigMap('a', {});
    stage.proxy.fault = ({ isWatch }) => (isWatch ? undefined : { kind: 'delay', milliseconds: 1_000 });
    const { informer, told } = stage.informerOf();
    informer.start();
    await expect(informer.whenSynced(AbortSignal.timeout(300))).rejects.toThrow('timeout');
    expect(informer.hasSynced).toBe(false);
    await informer.whenSynced(AbortSignal.timeout(20_000));
    expect(told).toEqual(['+a']);
  });

  it('gives up on a list that never comes, and lists again', async () => {
    const impatient = new KubeClient(stage.client.access, { requestTimeoutMilliseconds: 500 });
    stage.failFirst(2, ({ isWatch }) => !isWatch, { kind: 'silence' });
    const { informer } = stage.informerOf({ client: impatient });
    await stage.synced(informer);
    expect(stage.proxy.listRequests).toHaveLength(3);
    await informer.stop();
    impatient.close();
  });

  it('notices a watch that fell silent, and catches up', async () => {
    const { informer, told } = stage.informerOf({ stallMilliseconds: 1_000 });
    await stage.synced(informer);
    await expect.poll(() => stage.proxy.openWatches, patience).toBe(1);
    stage.proxy.blackHoleWatches();
    await stage.cluster.setConfigMap('unseen', {});
    await expect.poll(() => told, patience).toEqual(['+unseen']);
    expect(stage.proxy.listRequests).toHaveLength(1);
    expect(stage.metric('autoweave_informer_restarts_total')).toBeGreaterThan(0);
  });

  it('keeps no file descriptor of 200 connections that ended or broke', async () => {
    const { informer, told } = stage.informerOf();
    await stage.synced(informer);
    const openFiles = async () => (await readdir('/proc/self/fd')).length;
    const resourceVersion = await stage.currentVersion();
    const before = await openFiles();
    for (let round = 1; round <= 200; round += 1) {
      await expect.poll(() => stage.proxy.openWatches, patience).toBe(1);
      await stage.progress(informer, resourceVersion);
      if (round % 2 === 0) stage.proxy.resetConnections();
      else stage.proxy.endWatches();
      await expect.poll(() => stage.proxy.watchRequests.length, patience).toBe(round + 1);
    }
    await stage.cluster.setConfigMap('a', {});
    await expect.poll(() => told, patience).toEqual(['+a']);
    await expect.poll(openFiles, patience).toBeLessThanOrEqual(before + 4);
    expect(stage.proxy.openConnections).toBeLessThanOrEqual(2);
    expect(stage.proxy.listRequests).toHaveLength(1);
  });
});
