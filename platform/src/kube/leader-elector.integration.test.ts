import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { MetricsRegistry } from '../telemetry/index.ts';
import { builtinResources } from './builtin-resources.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeClient as Client } from './kube-client.ts';
import { LeaderElector } from './leader-elector.ts';
import type { LeadershipCallbacks, LeadershipEnd } from './leader-elector.ts';
import type { Lease } from './lease.ts';
import { FaultProxy } from './testing/fault-proxy.ts';
import type { Fault } from './testing/fault-proxy.ts';
import { useTestCluster } from './testing/test-cluster.ts';
import type { TestCluster } from './testing/test-cluster.ts';

const patience = { timeout: 20_000, interval: 20 };
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

interface Candidate {
  readonly elector: LeaderElector;
  readonly metrics: MetricsRegistry;
  readonly stop: AbortController;
  readonly ended: Promise<LeadershipEnd>;
}

describe('leader election', () => {
  let cluster: TestCluster;
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    cluster = await useTestCluster(inject('kubeconfigPath'));
  });

  afterEach(async () => {
    for (const each of cleanUp.splice(0)) await each();
    await cluster.stop();
  });

  function candidate(
    identity: string,
    options: { client?: KubeClient; callbacks?: LeadershipCallbacks } = {},
  ): Candidate {
    const metrics = new MetricsRegistry();
    const elector = new LeaderElector({
      client: options.client ?? cluster.client,
      namespace: cluster.namespace,
      name: 'leader',
      identity,
      logger: pino({ enabled: false }),
      metrics,
      leaseSeconds: 2,
      renewSeconds: 1,
      retrySeconds: 0.2,
    });
    const stop = new AbortController();
    const ended = elector.run(options.callbacks ?? { onStarted: untilAborted }, stop.signal);
    ended.catch(() => undefined);
    cleanUp.push(async () => {
      stop.abort();
      await ended.catch(() => undefined);
    });
    return { elector, metrics, stop, ended };
  }

  async function proxyFor(fault: () => Fault | undefined = () => undefined) {
    const proxy = new FaultProxy(cluster.client.access);
    proxy.fault = fault;
    const client = new Client(await proxy.start());
    cleanUp.push(async () => {
      client.close();
      await proxy.stop();
    });
    return { proxy, client };
  }

  const lease = async () =>
    cluster.client.get<Lease>(builtinResources.lease, { name: 'leader', namespace: cluster.namespace });

  it('writes times the API server accepts, and says who leads', async () => {
    const { elector, metrics } = candidate('a');
    await expect.poll(() => elector.isLeading, patience).toBe(true);
    const spec = (await lease())?.spec;
    expect(spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 2, leaseTransitions: 0 });
    expect(spec?.renewTime).toMatch(/\.\d{6}Z$/);
    expect(metrics.render()).toContain('autoweave_leader_election_is_leader{lease="leader"} 1');
    const before = spec?.renewTime;
    await expect.poll(async () => (await lease())?.spec?.renewTime, patience).not.toBe(before);
    expect((await lease())?.spec?.acquireTime).toBe(spec?.acquireTime);
  });

  it('has one leader, and another soon after that one released the lease', async () => {
    const candidates = [candidate('a'), candidate('b'), candidate('c')];
    const leaders = () => candidates.filter(({ elector }) => elector.isLeading);
    await expect.poll(leaders, patience).toHaveLength(1);
    await delay(1_000);
    expect(leaders()).toHaveLength(1);
    const [first] = leaders();
    first?.stop.abort();
    await expect(first?.ended).resolves.toBe('released');
    const releasedAt = performance.now();
    await expect.poll(leaders, patience).toHaveLength(1);
    expect(leaders()[0]).not.toBe(first);
    expect(performance.now() - releasedAt).toBeLessThan(1_500);
    expect((await lease())?.spec?.leaseTransitions).toBe(1);
  });

  it('keeps the lease until the work of the leader has ended', async () => {
    const work = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = candidate('a', {
      callbacks: {
        onStarted: async (signal) => {
          await untilAborted(signal);
          order.push('told to stop');
          await work.promise;
          order.push('worked');
        },
        onStopped: (reason) => order.push(reason),
      },
    });
    await expect.poll(() => first.elector.isLeading, patience).toBe(true);
    const second = candidate('b');
    first.stop.abort();
    await delay(2_500);
    expect(second.elector.isLeading).toBe(false);
    expect(first.elector.isLeading).toBe(true);
    work.resolve();
    await first.ended;
    expect(order).toEqual(['told to stop', 'worked', 'released']);
    await expect.poll(() => second.elector.isLeading, patience).toBe(true);
  });

  it('releases the lease when the work of the leader fails, and tells', async () => {
    const first = candidate('a', { callbacks: { onStarted: async () => Promise.reject(new Error('broken work')) } });
    await expect(first.ended).rejects.toThrow('broken work');
    expect((await lease())?.spec?.holderIdentity).toBeFalsy();
  });

  it.each<[string, Fault]>([
    ['does not answer', { kind: 'silence' }],
    ['answers 500', { kind: 'answer', status: 500 }],
    ['breaks connections', { kind: 'reset' }],
  ])(
    'is lost when the API server %s for too long; the signal of the leader is aborted before another may lead',
    async (_, fault) => {
      let broken = false;
      const { client } = await proxyFor(() => (broken ? fault : undefined));
      let toldAt = Infinity;
      const first = candidate('a', {
        client,
        callbacks: {
          onStarted: async (signal) => {
            await untilAborted(signal);
            toldAt = performance.now();
          },
        },
      });
      await expect.poll(() => first.elector.isLeading, patience).toBe(true);
      const second = candidate('b');
      await delay(500);
      broken = true;
      await expect(first.ended).resolves.toBe('lost');
      expect(first.elector.isLeading).toBe(false);
      expect(first.metrics.render()).toContain('autoweave_leader_election_is_leader{lease="leader"} 0');
      expect(second.elector.isLeading).toBe(false);
      await expect.poll(() => second.elector.isLeading, patience).toBe(true);
      expect(toldAt).toBeLessThan(performance.now());
    },
  );

  it('survives an API server that is away for a moment', async () => {
    let broken = false;
    const { client } = await proxyFor(() => (broken ? { kind: 'reset' } : undefined));
    const first = candidate('a', { client });
    await expect.poll(() => first.elector.isLeading, patience).toBe(true);
    broken = true;
    await delay(500);
    broken = false;
    await delay(1_500);
    expect(first.elector.isLeading).toBe(true);
  });

  it('is lost at once when somebody else took the lease', async () => {
    const first = candidate('a');
    await expect.poll(() => first.elector.isLeading, patience).toBe(true);
    await expect.poll(takeAway, patience).toBe('taken');
    await expect(first.ended).resolves.toBe('lost');
  });

  /** May come between the read and the write of a renewal, and is refused then. */
  async function takeAway(): Promise<string> {
    const held = await lease();
    const object = { metadata: { name: 'leader', namespace: cluster.namespace, ...held?.metadata } };
    return cluster.client
      .update<Lease>(builtinResources.lease, { ...object, spec: { ...held?.spec, holderIdentity: 'thief' } })
      .then(
        () => 'taken',
        (error: unknown) => String(error),
      );
  }

  it('takes over from a holder whose clock is a century ahead', async () => {
    await cluster.client.create<Lease>(builtinResources.lease, {
      metadata: { name: 'leader', namespace: cluster.namespace },
      spec: { holderIdentity: 'gone', leaseDurationSeconds: 2, renewTime: '2126-01-01T00:00:00.000000Z' },
    });
    const startedAt = performance.now();
    const { elector } = candidate('a');
    await expect.poll(() => elector.isLeading, patience).toBe(true);
    expect(performance.now() - startedAt).toBeGreaterThan(2_000);
  });

  it('never has two leaders, whatever happens to their connections', async () => {
    const faults: (Fault | undefined)[] = [
      undefined,
      undefined,
      { kind: 'reset' },
      { kind: 'silence' },
      { kind: 'answer', status: 500 },
      { kind: 'delay', milliseconds: 300 },
      { kind: 'delay', milliseconds: 1_500 },
    ];
    const candidates: Candidate[] = [];
    const run = async (identity: string, client: KubeClient, until: number) => {
      for (let term = 0; performance.now() < until; term += 1) {
        const each = candidate(`${identity}-${term}`, { client });
        candidates.push(each);
        await Promise.race([each.ended, delay(until - performance.now())]);
      }
    };
    let mostLeaders = 0;
    const leaders = new Set<LeaderElector>();
    const watch = setInterval(() => {
      const leading = candidates.filter(({ elector }) => elector.isLeading);
      mostLeaders = Math.max(mostLeaders, leading.length);
      for (const { elector } of leading) leaders.add(elector);
    }, 5);
    const until = performance.now() + 12_000;
    const runs = [];
    for (const identity of ['a', 'b', 'c']) {
      const state: { fault: Fault | undefined } = { fault: undefined };
      const { client } = await proxyFor(() => state.fault);
      const change = setInterval(() => (state.fault = faults[Math.floor(Math.random() * faults.length)]), 700);
      cleanUp.push(async () => clearInterval(change));
      runs.push(run(identity, client, until));
    }
    await Promise.all(runs);
    clearInterval(watch);
    expect(mostLeaders).toBe(1);
    expect(leaders.size).toBeGreaterThan(1);
  });

  describe('between processes', () => {
    function candidateProcess(identity: string) {
      const script = join(import.meta.dirname, 'testing/elector-process.ts');
      const child = spawn(process.execPath, [script, inject('kubeconfigPath'), cluster.namespace, 'leader', identity], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      cleanUp.push(async () => child.kill('SIGKILL'));
      return {
        child,
        /** Milliseconds of CLOCK_MONOTONIC at which it believed to lead. */
        leadingAt: () => [...output.matchAll(/^leading (\d+)$/gm)].map(([, time]) => Number(time)),
        end: () => /^ended (\w+)$/m.exec(output)?.[1],
      };
    }

    it.each(['SIGKILL', 'SIGTERM'] as const)('hands over after the leader got %s', async (signal) => {
      const first = candidateProcess('a');
      await expect.poll(() => first.leadingAt().length, patience).toBeGreaterThan(0);
      const second = candidateProcess('b');
      await delay(1_500);
      expect(second.leadingAt()).toEqual([]);
      first.child.kill(signal);
      const killedAt = performance.now();
      await expect.poll(() => second.leadingAt().length, patience).toBeGreaterThan(0);
      const limit = signal === 'SIGKILL' ? 3_000 + 1_500 : 2_000;
      expect(performance.now() - killedAt).toBeLessThan(limit);
      expect(second.leadingAt()[0]).toBeGreaterThan(first.leadingAt().at(-1) ?? Infinity);
    });

    it('does not believe to lead after a pause', async () => {
      const first = candidateProcess('a');
      await expect.poll(() => first.leadingAt().length, patience).toBeGreaterThan(0);
      const second = candidateProcess('b');
      await delay(1_000);
      first.child.kill('SIGSTOP');
      await expect.poll(() => second.leadingAt().length, patience).toBeGreaterThan(0);
      first.child.kill('SIGCONT');
      await expect.poll(first.end, patience).toBe('lost');
      expect(second.leadingAt()[0]).toBeGreaterThan(first.leadingAt().at(-1) ?? Infinity);
    });
  });
});
