import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { redisKeys } from '@autoweave/crds';
import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import { closeRedis, createRedis, type Redis } from '@autoweave/platform/redis';
import { MetricsRegistry, createLogger, noSpans } from '@autoweave/platform/telemetry';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Journal } from '../journal/journal.ts';
import { sampleDevice, sampleTransition } from '../testing/sample-transition.ts';
import { temporaryJournal } from '../testing/temporary-journal.ts';
import { HotplugPublisher } from './hotplug-publisher.ts';

const patience = { timeout: 20_000, interval: 20 };
const logger = createLogger({ name: 'test', level: 'silent' });

let server: RedisServer;
let reader: Redis;
let node: string;

beforeAll(async () => {
  server = await startRedisServer({ settings: ['repl-diskless-sync-delay 0'] });
  reader = createRedis({ url: server.url, name: 'reader', logger });
  return async () => {
    await closeRedis(reader);
    await server.stop();
  };
});
beforeEach(async () => {
  node = `node-${randomUUID()}`;
  await reader.flushall();
});

function startPublisher(journal: Journal, metrics = new MetricsRegistry()): HotplugPublisher {
  const redis = createRedis({ url: server.url, name: 'publisher', logger });
  const publisher = new HotplugPublisher({
    redis,
    journal,
    node,
    streamMaximumLength: 1_000_000,
    logger,
    metrics,
    spans: noSpans,
  });
  publisher.start();
  onTestFinished(() => publisher.stop());
  return publisher;
}

/** Records `count` events and gives their ids. */
function record(journal: Journal, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const device = sampleDevice({ sysfsName: `1-${index % 5}` });
    return journal.record(sampleTransition(index % 2 ? 'detach' : 'attach', device, { timestamp: Date.now() })).eventId;
  });
}

async function publishedIds(): Promise<string[]> {
  const entries = await reader.xrange(redisKeys.hotplugStream, '-', '+');
  return entries
    .map(([, fields]) => Object.fromEntries(fields.flatMap((name, i) => (i % 2 ? [] : [[name, fields[i + 1]]]))))
    .filter((fields) => fields['node'] === node)
    .map((fields) => String(fields['event_id']));
}

async function expectPublished(ids: readonly string[]): Promise<void> {
  await vi.waitFor(async () => expect(await publishedIds()).toEqual(ids), patience);
}

describe('the publisher', () => {
  it('brings what waited and what follows into the stream, in order', async () => {
    const journal = temporaryJournal(node);
    const waited = record(journal, 200);
    const publisher = startPublisher(journal);
    await expectPublished(waited);
    const followed = record(journal, 3);
    await expectPublished([...waited, ...followed]);
    await vi.waitFor(() => expect(journal.acknowledged).toBe(203), patience);
    expect(publisher.problem).toBeUndefined();
  });

  it('sends nothing twice after a restart, whatever was confirmed on disk', async () => {
    const journal = temporaryJournal(node);
    const first = record(journal, 100);
    const publisher = startPublisher(journal);
    await expectPublished(first);
    await publisher.stop();
    const second = record(journal, 100);
    startPublisher(journal);
    await expectPublished([...first, ...second]);
  });

  it('continues over a kill of Redis in the middle of a stream of events', async () => {
    const journal = temporaryJournal(node);
    startPublisher(journal);
    const ids = record(journal, 50);
    await expectPublished(ids);
    for (let round = 0; round < 3; round += 1) {
      ids.push(...record(journal, 300));
      await server.kill();
      ids.push(...record(journal, 300));
      await server.start();
    }
    await expectPublished(ids);
  });

  it('sends the tail again when Redis was emptied without losing the connection', async () => {
    const journal = temporaryJournal(node);
    const ids = record(journal, 100);
    startPublisher(journal);
    await expectPublished(ids);
    await reader.flushall();
    await reader.function('FLUSH');
    ids.push(...record(journal, 1));
    await expectPublished(ids);
  });

  it('sends again what Redis lost when it came back from an old state', async () => {
    const journal = temporaryJournal(node);
    const early = record(journal, 10);
    const publisher = startPublisher(journal);
    await expectPublished(early);
    const dump = await reader.dumpBuffer(redisKeys.hotplugStream);
    const mark = await reader.get(redisKeys.hotplugSequence(node));
    const late = record(journal, 10);
    await expectPublished([...early, ...late]);
    await publisher.stop();
    await reader.restore(redisKeys.hotplugStream, 0, dump, 'REPLACE');
    await reader.set(redisKeys.hotplugSequence(node), String(mark));
    await expectPublished(early);
    startPublisher(journal);
    await expectPublished([...early, ...late]);
  });

  it('tells when the stream lacks events that the journal dropped, and goes on behind the gap', async () => {
    const journal = temporaryJournal(node, { backlog: 100 });
    const metrics = new MetricsRegistry();
    record(journal, 1000);
    const kept = journal.entriesAfter(0, 1000).map(({ event }) => event.eventId);
    startPublisher(journal, metrics);
    await expectPublished(kept);
    expect(metrics.render()).toContain(`autoweave_publisher_missing_events_total ${1000 - kept.length}`);
  });

  it('begins a new epoch when Redis claims events that were never recorded', async () => {
    const journal = temporaryJournal(node);
    const { epoch } = journal;
    await reader.set(redisKeys.hotplugSequence(node), `${epoch}:5000`);
    startPublisher(journal);
    await vi.waitFor(() => expect(journal.epoch).not.toBe(epoch), patience);
    await expectPublished(record(journal, 3));
  });

  it('counts an event as delivered only when a replica has it', async () => {
    const url = new URL(server.url);
    const replica = await startRedisServer({
      settings: [`replicaof 127.0.0.1 ${url.port}`, `masterauth ${url.password}`, 'enable-debug-command yes'],
    });
    onTestFinished(() => replica.stop());
    const onReplica = createRedis({ url: replica.url, name: 'replica', logger });
    onTestFinished(() => closeRedis(onReplica));
    await vi.waitFor(async () => expect(await reader.info('replication')).toMatch(/state=online/), patience);
    const journal = temporaryJournal(node);
    startPublisher(journal);
    const ids = record(journal, 5);
    await expectPublished(ids);
    await vi.waitFor(() => expect(journal.acknowledged).toBe(5), patience);

    const asleep = onReplica.call('DEBUG', 'SLEEP', '2.5');
    await delay(50);
    ids.push(...record(journal, 5));
    await expectPublished(ids);
    expect(journal.acknowledged).toBe(5);
    await asleep;
    await vi.waitFor(() => expect(journal.acknowledged).toBe(10), patience);
    expect(await publishedIds()).toEqual(ids);
  });

  it('says why events do not go out', async () => {
    const unreachable = createRedis({ url: 'redis://127.0.0.1:1', name: 'publisher', logger });
    const journal = temporaryJournal(node);
    const options = {
      redis: unreachable,
      journal,
      node,
      streamMaximumLength: 0,
      logger,
      metrics: new MetricsRegistry(),
      spans: noSpans,
    };
    const publisher = new HotplugPublisher(options);
    publisher.start();
    record(journal, 1);
    await vi.waitFor(() => expect(publisher.problem).toMatch(/Redis/), patience);
    await publisher.stop();
    await publisher.stop();
  });
});
