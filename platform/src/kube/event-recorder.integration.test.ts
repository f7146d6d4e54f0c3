import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { MetricsRegistry } from '../telemetry/index.ts';
import { builtinResources } from './builtin-resources.ts';
import { EventRecorder } from './event-recorder.ts';
import type { EventObject, RecordedEvent } from './event-recorder.ts';
import { KubeClient } from './kube-client.ts';
import { FaultProxy } from './testing/fault-proxy.ts';
import { useTestCluster } from './testing/test-cluster.ts';
import type { ConfigMap, TestCluster } from './testing/test-cluster.ts';

describe('an event recorder', () => {
  let cluster: TestCluster;
  let object: ConfigMap;
  let metrics: MetricsRegistry;

  beforeEach(async () => {
    cluster = await useTestCluster(inject('kubeconfigPath'));
    object = await cluster.setConfigMap('subject', {});
    metrics = new MetricsRegistry();
  });

  afterEach(async () => {
    await cluster.stop();
  });

  const recorderOf = (client: KubeClient = cluster.client, instance = 'one') =>
    new EventRecorder({
      client,
      controller: 'autoweave.dev/test',
      instance,
      logger: pino({ enabled: false }),
      metrics,
      seriesIntervalMilliseconds: 100,
    });

  const event = (fields: Partial<RecordedEvent> = {}): RecordedEvent => ({
    object,
    type: 'Normal',
    reason: 'Attached',
    message: 'Gerät was plugged in',
    ...fields,
  });

  const events = async (namespace = cluster.namespace) => {
    const { items } = await cluster.client.list<EventObject>(builtinResources.event, { namespace });
    return items.filter(({ regarding }) => regarding.uid === object.metadata.uid);
  };

  it('says what happened to what, and who says so', async () => {
    await recorderOf().record(event({ action: 'Attach' }));
    const [recorded, ...others] = await events();
    expect(others).toEqual([]);
    expect(recorded).toMatchObject({
      type: 'Normal',
      reason: 'Attached',
      action: 'Attach',
      note: 'Gerät was plugged in',
      reportingController: 'autoweave.dev/test',
      reportingInstance: 'one',
      regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'subject', namespace: cluster.namespace },
    });
    expect(recorded?.eventTime).toMatch(/\.\d{6}Z$/);
  });

  it('keeps what happens to a cluster-scoped object in the namespace default', async () => {
    object = (await cluster.client.get(builtinResources.namespace, { name: cluster.namespace })) as ConfigMap;
    await recorderOf().record(event());
    expect(await events('default')).toHaveLength(1);
  });

  it('makes a named event happen once, however often and by whomever it is recorded', async () => {
    const recorders = [recorderOf(cluster.client, 'one'), recorderOf(cluster.client, 'two')];
    const named = event({ name: 'result-0123456789abcdef' });
    await Promise.all([...recorders, ...recorders, ...recorders].map((recorder) => recorder.record(named)));
    expect(await events()).toHaveLength(1);
  });

  it('makes a series of what is said again', async () => {
    const recorder = recorderOf();
    await Promise.all([recorder.record(event()), recorder.record(event()), recorder.record(event())]);
    await recorder.record(event({ message: 'Something else' }));
    await expect
      .poll(
        async () =>
          (await events()).map(({ note, series }) => `${note}: ${series?.count}`).toSorted(Intl.Collator().compare),
        {
          timeout: 10_000,
        },
      )
      .toEqual(['Gerät was plugged in: 3', 'Something else: undefined']);
    await recorder.record(event());
    await recorder.stop();
    expect((await events()).find(({ note }) => note.startsWith('Ger'))?.series?.count).toBe(4);
  });

  it('cuts a message that is too long between two characters', async () => {
    await recorderOf().record(event({ message: `a${'雨'.repeat(600)}` }));
    const [recorded] = await events();
    expect(Buffer.byteLength(recorded?.note ?? '')).toBeLessThanOrEqual(1024);
    expect(recorded?.note).toMatch(/^a雨+…$/);
  });

  it('shortens a name that would be too long', async () => {
    object = await cluster.setConfigMap(
      `a.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}`,
      {},
    );
    await recorderOf().record(event());
    expect(await events()).toHaveLength(1);
  });

  it('rejects when the event could not be written, and says it anew the next time', async () => {
    const proxy = new FaultProxy(cluster.client.access);
    const client = new KubeClient(await proxy.start());
    const recorder = recorderOf(client);
    proxy.fault = () => ({ kind: 'reset' });
    await expect(recorder.record(event())).rejects.toMatchObject({ code: 'AW_KUBE_UNREACHABLE' });
    await recorder.tryRecord(event());
    expect(metrics.render()).toContain('autoweave_events_failed_total 2');
    proxy.fault = () => undefined;
    await recorder.record(event());
    expect(await events()).toHaveLength(1);
    client.close();
    await proxy.stop();
  });
});
