import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { builtinResources, KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { randomNumbers } from '@autoweave/node-agent/testing';
import { createRedis } from '@autoweave/platform/redis';
import { createLogger } from '@autoweave/platform/telemetry';
import { swiftPlugin, runSwiftPlugin } from '../system/swift-plugin.ts';
import { makeAgent, makeExecutor, makeOperator } from '../system/product.ts';
import { DeathWatch } from '../processes/death-watch.ts';
import { startControlPlane } from '../testing/control-plane.ts';
import { startRedisServer } from '../testing/redis-server.ts';
import type { KubernetesTools } from '../tools/index.ts';
import { type Kill, planKills, type Victim } from './kill-plan.ts';
import { observe } from './observe.ts';

import { problemsOf, transitionProblems } from './verdict.ts';
import { World } from './world.ts';

export interface FaultOptions {
  readonly tools: { readonly kubernetes: KubernetesTools; readonly redisServer: string };
  readonly victims: readonly Victim[];
  readonly rounds: number;
  readonly seed: number;
}

export interface FaultReport {
  readonly seed: number;
  readonly kills: readonly Kill[];
  /** Transitions that happened. */
  readonly transitions: number;
  /** Entries of the stream. */
  readonly events: number;
  readonly results: number;
  /** From the last restart until everything agreed; undefined when it did not. */
  readonly agreedAfterMilliseconds?: number | undefined;
  /** What was still wrong in the end. */
  readonly problems: readonly string[];
}

interface Target {
  kill(): Promise<void>;
  /** Resolves when it is ready again. */
  start(): Promise<void>;
}

const patienceMilliseconds = 60_000;

/** Kills by SIGKILL while devices come and go, and tells how long it took until all agreed again. */
export async function runFaults(options: FaultOptions): Promise<FaultReport> {
  const directory = await mkdtemp(join(tmpdir(), 'autoweave-faults-'));
  await using cleanup = new AsyncDisposableStack();
  const watch = new DeathWatch({ directory });
  cleanup.defer(async () => {
    watch.disarm();
    await rm(directory, { recursive: true, force: true });
  });
  const [controlPlane, redis] = await Promise.all([
    // A namespace without routes has no address to advertise, and loopback is refused: one for documentation, RFC 5737.
    startControlPlane({ tools: options.tools.kubernetes, apiServerFlags: ['--advertise-address=192.0.2.1'] }),
    startRedisServer({ command: options.tools.redisServer }),
  ]);
  cleanup.defer(async () => {
    await Promise.all([controlPlane.stop(), redis.stop()]);
  });
  const { kubeconfigPath } = controlPlane;
  const client = new KubeClient(await loadClusterAccess({ kubeconfigPath }));
  cleanup.defer(() => client.close());
  const logger = createLogger({ name: 'faults', level: 'fatal' });
  const connection = createRedis({ url: redis.url, name: 'faults', logger });
  cleanup.defer(() => connection.disconnect());
  await client.create(builtinResources.namespace, { metadata: { name: 'autoweave-system' } });

  const random = randomNumbers(options.seed);
  const sysfsRoot = join(directory, 'sys');
  const world = new World(sysfsRoot, random);
  cleanup.defer(() => world.close());

  const place = (name: string) => ({ directory: join(directory, name), redisUrl: redis.url, kubeconfigPath });
  const agent = await makeAgent({ ...place('agent'), sysfsRoot });
  const executor = await makeExecutor({ ...place('executor'), agentPort: agent.port });
  const operator = await makeOperator(place('operator'));
  for (const process of [agent, executor, operator]) {
    cleanup.defer(() => process.stop());
    await process.start();
  }
  await runSwiftPlugin(client);

  const targets: Record<Victim, Target> = {
    agent,
    executor,
    operator,
    redis: { kill: () => redis.kill(), start: () => redis.start() },
    'kube-apiserver': { kill: () => controlPlane.killApiServer(), start: () => controlPlane.startApiServer() },
  };
  const kills = planKills(random, options);
  const ended = new AbortController();
  const plugging = world.run(ended.signal);
  const stopPlugging = async () => {
    ended.abort();
    await plugging;
  };
  cleanup.defer(stopPlugging);
  // As a kubelet does: an operator that loses its lease while the API server is away ends itself.
  const restartEnded = async () => {
    for (const process of [agent, executor, operator]) if (!process.isRunning) await process.start();
  };
  for (const kill of kills) {
    await killAndRestart(kill, targets[kill.victim]);
    await restartEnded();
  }
  await stopPlugging();

  const startedAt = performance.now();
  for (;;) {
    await restartEnded();
    const outcome = { plugged: world.plugged, ...(await observe({ client, redis: connection, plugin: swiftPlugin })) };
    const agentLived = !options.victims.includes('agent');
    const problems = [
      ...problemsOf(outcome),
      ...(agentLived ? transitionProblems(world.operations, outcome.events) : []),
    ];
    const elapsed = performance.now() - startedAt;
    if (problems.length === 0 || elapsed > patienceMilliseconds) {
      return {
        seed: options.seed,
        kills,
        transitions: world.operations.length,
        events: outcome.events.length,
        results: outcome.results.length,
        agreedAfterMilliseconds: problems.length === 0 ? elapsed : undefined,
        problems: problems.slice(0, 20),
      };
    }
    await delay(250);
  }
}

async function killAndRestart(kill: Kill, target: Target): Promise<void> {
  await delay(kill.afterMilliseconds);
  await target.kill();
  await delay(kill.awayMilliseconds);
  await target.start();
}
