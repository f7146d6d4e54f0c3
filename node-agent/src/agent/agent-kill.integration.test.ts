import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startControlPlane, startRedisServer } from '@autoweave/hack/testing';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { closeRedis, createRedis } from '@autoweave/platform/redis';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Journal } from './journal/journal.ts';
import { ClusterView } from './testing/cluster-view.ts';
import { emptyMachine, runAgent } from './testing/run-agent.ts';
import { temporaryDirectory } from './testing/temporary-journal.ts';

const program = fileURLToPath(new URL('testing/simulated-agent.ts', import.meta.url));
const logger = createLogger({ name: 'test', level: 'silent' });
const patience = { timeout: 20_000, interval: 100 };

describe('the agent, killed again and again while devices come and go, and Redis and the API server with it', () => {
  it(
    'has every journaled event in the stream once and in order, and the right state',
    { timeout: 180_000 },
    async () => {
      const [plane, redisServer] = await Promise.all([startControlPlane(), startRedisServer()]);
      onTestFinished(async () => void (await Promise.all([plane.stop(), redisServer.stop()])));
      const nodeName = `node-${randomUUID()}`;
      const directory = temporaryDirectory();
      const flags = [`--journal-directory=${directory}`];
      const environment = { nodeName, redisUrl: redisServer.url, kubeconfigPath: plane.kubeconfigPath, flags };

      const runAndKill = async (meanwhile: () => Promise<void>): Promise<void> => {
        const agent = startAgent({ ...environment, directory });
        await readyToKill(agent);
        await meanwhile();
        await delay(Math.random() * 300);
        agent.kill('SIGKILL');
        await once(agent, 'exit');
      };
      for (let round = 0; round < 4; round += 1) await runAndKill(async () => undefined);
      await runAndKill(async () => {
        await redisServer.kill();
        await delay(200);
        await redisServer.start();
      });
      await runAndKill(() => redisServer.kill());
      await runAndKill(() => redisServer.start());
      await runAndKill(() => plane.killApiServer());
      await plane.startApiServer();

      const client = new KubeClient(await loadClusterAccess({ kubeconfigPath: plane.kubeconfigPath }));
      const redis = createRedis({ url: redisServer.url, name: 'test', logger });
      onTestFinished(async () => {
        client.close();
        await closeRedis(redis);
      });
      const view = new ClusterView({ client, redis, nodeName });
      const { agent, probe } = await runAgent(environment, emptyMachine().usb);
      await vi.waitFor(async () => {
        expect(await probe('/metrics')).toMatch(/autoweave_publisher_backlog_events 0\n/);
        expect(await view.present()).toEqual([]);
      }, patience);
      await agent.stop();

      const journal = new Journal({
        path: join(directory, 'journal.sqlite'),
        node: nodeName,
        logger,
        metrics: new MetricsRegistry(),
      });
      journal.open();
      onTestFinished(() => journal.close());
      const journaled = journal.entriesAfter(0, 1_000_000).map((entry) => entry.event.eventId);
      expect(journaled.length).toBeGreaterThan(100);
      expect(await view.eventIds()).toEqual(journaled);
      expect(journal.lastState()).toEqual([]);
    },
  );
});

interface Environment {
  readonly nodeName: string;
  readonly redisUrl: string;
  readonly kubeconfigPath: string;
  readonly directory: string;
}

function startAgent({ nodeName, redisUrl, kubeconfigPath, directory }: Environment): ChildProcess {
  const flags = [`--node-name=${nodeName}`, `--journal-directory=${directory}`, '--probe-port=0', '--log-level=info'];
  // Nobody is left to remove the simulated tree of a killed process.
  const env = { ...process.env, REDIS_URL: redisUrl, KUBECONFIG: kubeconfigPath, TMPDIR: directory };
  const agent = spawn(process.execPath, [program, ...flags], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void agent.kill('SIGKILL'));
  return agent;
}

/** It has read its devices, and records. Goes on reading, so that the agent can go on writing. */
function readyToKill({ stdout }: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    stdout?.on('data', (text) => {
      if (String(text).includes('USB tree was read')) resolve();
    });
  });
}
