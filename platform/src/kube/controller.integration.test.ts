import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { MetricsRegistry } from '../telemetry/index.ts';
import { builtinResources } from './builtin-resources.ts';
import { Controller } from './controller.ts';
import type { KeyMapper } from './controller.ts';
import { Informer } from './informer.ts';
import { useTestCluster } from './testing/test-cluster.ts';
import type { ConfigMap, TestCluster } from './testing/test-cluster.ts';

const patience = { timeout: 20_000, interval: 20 };
const logger = pino({ enabled: false });

describe('a controller', () => {
  let cluster: TestCluster;
  let informer: Informer<ConfigMap>;
  let controller: Controller;
  let passes: string[];

  beforeEach(async () => {
    cluster = await useTestCluster(inject('kubeconfigPath'));
    passes = [];
    const { client, namespace } = cluster;
    informer = new Informer<ConfigMap>({
      client,
      resource: builtinResources.configMap,
      namespace,
      logger,
      metrics: new MetricsRegistry(),
    });
  });

  afterEach(async () => {
    await controller.stop();
    await informer.stop();
    await cluster.stop();
  });

  function control(options: { mapper?: KeyMapper<ConfigMap>; resyncMilliseconds?: number } = {}): Controller {
    const { mapper, ...rest } = options;
    controller = new Controller({
      name: 'test',
      logger,
      metrics: new MetricsRegistry(),
      reconcile: async (key) => {
        passes.push(key.replace(`${cluster.namespace}/`, ''));
      },
      ...rest,
    });
    return controller.watch(informer, mapper);
  }

  it('looks at everything that is there, and then at what changes or goes', async () => {
    await cluster.setConfigMap('a', {});
    informer.start();
    await control().start();
    await expect.poll(() => passes, patience).toEqual(['a']);
    await cluster.setConfigMap('b', {});
    await expect.poll(() => passes, patience).toEqual(['a', 'b']);
    await cluster.deleteConfigMap('a');
    await expect.poll(() => passes, patience).toEqual(['a', 'b', 'a']);
  });

  it('looks at what was there before it was made', async () => {
    await cluster.setConfigMap('a', {});
    informer.start();
    await informer.whenSynced();
    await control().start();
    await expect.poll(() => passes, patience).toEqual(['a']);
  });

  it('begins only when its informers have synced', async () => {
    control();
    await expect(controller.start(AbortSignal.timeout(200))).rejects.toThrow('timeout');
    expect(passes).toEqual([]);
  });

  it('looks at the keys an object stands for', async () => {
    const mapper: KeyMapper<ConfigMap> = (_, object, previous) => Object.keys((object ?? previous)?.data ?? {});
    informer.start();
    await control({ mapper }).start();
    await cluster.setConfigMap('a', { x: '1', y: '2' });
    await expect.poll(() => passes.toSorted(), patience).toEqual(['x', 'y']);
    await cluster.deleteConfigMap('a');
    await expect.poll(() => passes.toSorted(), patience).toEqual(['x', 'x', 'y', 'y']);
  });

  it('looks at everything again after a time', async () => {
    await cluster.setConfigMap('a', {});
    informer.start();
    await control({ resyncMilliseconds: 100 }).start();
    await expect.poll(() => passes, patience).toEqual(expect.arrayContaining(['a', 'a', 'a']));
    await controller.stop();
    const count = passes.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(passes).toHaveLength(count);
  });

  it('looks at a key it is told of', async () => {
    informer.start();
    await control().start();
    controller.enqueue('a');
    await expect.poll(() => passes, patience).toEqual(['a']);
  });

  it('does nothing when it was stopped before it could start', async () => {
    await cluster.setConfigMap('a', {});
    const starting = control().start();
    await controller.stop();
    informer.start();
    await starting;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(passes).toEqual([]);
  });
});
