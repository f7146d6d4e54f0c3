import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, inject, it, onTestFinished } from 'vitest';
import { MetricsRegistry } from '../telemetry/index.ts';
import { builtinResources } from './builtin-resources.ts';
import { Informer } from './informer.ts';
import { KubeClient } from './kube-client.ts';
import { FaultProxy } from './testing/fault-proxy.ts';
import { useTestCluster } from './testing/test-cluster.ts';

/** In a file of its own, because it takes as long as the fault it looks for (kubernetes-client/javascript#3020). */
it('an informer leaves a quiet watch open', async () => {
  const cluster = await useTestCluster(inject('kubeconfigPath'));
  const proxy = new FaultProxy(cluster.client.access);
  const client = new KubeClient(await proxy.start());
  const informer = new Informer({
    client,
    resource: builtinResources.configMap,
    namespace: cluster.namespace,
    logger: pino({ enabled: false }),
    metrics: new MetricsRegistry(),
  });
  onTestFinished(async () => {
    await informer.stop();
    client.close();
    await proxy.stop();
    await cluster.stop();
  });
  informer.start();
  await informer.whenSynced();
  await delay(33_000);
  expect(proxy.watchRequests).toHaveLength(1);
  expect(proxy.openWatches).toBe(1);
  const timeoutSeconds = Number(proxy.watchRequests[0]?.query.get('timeoutSeconds'));
  expect(timeoutSeconds).toBeGreaterThanOrEqual(300);
  expect(timeoutSeconds).toBeLessThanOrEqual(480);
});
