import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { redisKeys } from '@autoweave/crds';
import { startRedisServer } from '@autoweave/hack/testing';
import { afterEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { bundleOf, ExecutorBench, onJob, patient, runnerEntry, storage } from './testing/executor-bench.ts';
import { freePort } from './testing/pod-plugins.ts';
import { TestPods } from './testing/test-pods.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

const benches: ExecutorBench[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(benches.splice(0).map((bench) => bench.stop()));
});

function createBench(url = inject('redisUrl')): ExecutorBench {
  const bench = new ExecutorBench(url);
  benches.push(bench);
  return bench;
}

/** The real process, which can be killed. */
function startProcess(bench: ExecutorBench, more: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [main], {
    env: {
      REDIS_URL: inject('redisUrl'),
      NODE_NAME: bench.node,
      AW_RUNNER_ENTRY: runnerEntry,
      AW_PROBE_PORT: '0',
      LOG_LEVEL: 'warn',
      ...more,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
  return child;
}

describe('the process of an executor', { timeout: 120_000 }, () => {
  const blocked = onJob(`const n = (await store.get('runs') ?? 0) + 1; await store.set('runs', n);
    if (await store.get('go')) return n; await new Promise(() => {})`);

  it('that is killed leaves its job to the next one, which records it once', async () => {
    const bench = createBench();
    const revision = await bench.publish(bundleOf(blocked, storage), { timeoutSeconds: 60 });
    const job = bench.job('p', revision);
    const store = redisKeys.pluginStore(bench.namespace, 'p');
    await bench.add(job);
    const first = startProcess(bench);
    await vi.waitFor(async () => expect(await bench.redis.hget(store, 'runs')).toBe('1'), patient);
    first.kill('SIGKILL');
    await bench.redis.hset(store, 'go', 'true');
    startProcess(bench);
    expect(await bench.allResults([job])).toMatchObject([{ state: 'Succeeded', value: 2 }]);
    expect(await bench.redis.hget(redisKeys.pluginCounters(bench.namespace, 'p'), 'succeeded')).toBe('1');
  });

  it('fails a job that executors died of again and again', async () => {
    const bench = createBench();
    const revision = await bench.publish(bundleOf(blocked, storage), { timeoutSeconds: 60 });
    const job = bench.job('p', revision);
    await bench.add(job);
    // As if three executors had died of it.
    await bench.redis.hset(`bull:${bench.lane.name}:${job.id}`, 'stc', 3);
    const first = startProcess(bench);
    const store = redisKeys.pluginStore(bench.namespace, 'p');
    await vi.waitFor(async () => expect(await bench.redis.hget(store, 'runs')).toBe('1'), patient);
    first.kill('SIGKILL');
    startProcess(bench);
    expect(await bench.allResults([job])).toMatchObject([{ state: 'Failed', code: 'AW_JOB_STALLED' }]);
  });

  it('leaves no runner behind when it is killed', async () => {
    const bench = createBench();
    const revision = await bench.publish(bundleOf(onJob('return 1')));
    const job = bench.job('p', revision);
    await bench.add(job);
    const child = startProcess(bench);
    await bench.allResults([job]);
    const runners = await childrenOf(child.pid ?? 0);
    expect(runners).toHaveLength(1);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(runners.filter(isAlive)).toEqual([]), patient);
  });

  it('ends a runner that froze, and runs its job again', async () => {
    const bench = createBench();
    const revision = await bench.publish(bundleOf(blocked, storage), { timeoutSeconds: 60 });
    const job = bench.job('p', revision);
    await bench.add(job);
    const child = startProcess(bench);
    const store = redisKeys.pluginStore(bench.namespace, 'p');
    await vi.waitFor(async () => expect(await bench.redis.hget(store, 'runs')).toBe('1'), patient);
    const [runner = 0] = await childrenOf(child.pid ?? 0);
    await bench.redis.hset(store, 'go', 'true');
    process.kill(runner, 'SIGSTOP');
    expect(await bench.allResults([job])).toMatchObject([{ state: 'Succeeded', value: 2 }]);
    expect(isAlive(runner)).toBe(false);
  });

  it('hides Redis from its runners', async () => {
    const bench = createBench();
    const revision = await bench.publish(bundleOf(onJob('return 1')));
    const job = bench.job('p', revision);
    await bench.add(job);
    const child = startProcess(bench);
    await bench.allResults([job]);
    const [runner = 0] = await childrenOf(child.pid ?? 0);
    const environment = await readProc(runner, 'environ');
    expect(
      environment
        .split('\0')
        .filter(Boolean)
        .map((entry) => entry.split('=')[0]),
    ).toEqual(['AW_RUNNER_SOCKET', 'AW_RUNNER_NAMESPACE', 'AW_RUNNER_TOKEN']);
    expect(environment).not.toContain('redis');
  });

  it('asks the agent whether the device is there, and ends on SIGTERM', async () => {
    const agent = createServer((_, response) => response.end(JSON.stringify([{ name: 'here', present: true }])));
    await once(agent.listen(0, '127.0.0.1'), 'listening');
    const bench = createBench();
    const revision = await bench.publish(bundleOf(onJob('return deviceName')));
    const jobs = ['here', 'elsewhere'].map((deviceName) => bench.job('p', revision, { deviceName }));
    await bench.add(...jobs);
    const { port } = agent.address() as AddressInfo;
    const child = startProcess(bench, { AW_AGENT_URL: `http://127.0.0.1:${port}` });
    expect(await bench.allResults(jobs)).toMatchObject([{ value: 'here' }, { state: 'HandedBack' }]);
    agent.close();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('the process of an executor that pods dial', { timeout: 120_000 }, () => {
  it('is replaced under a runner, which keeps its plugins, and every job has its one result', async () => {
    const bench = createBench();
    const pods = await TestPods.start(inject('kubeconfigPath'), bench.node);
    onTestFinished(() => pods.stop());
    await pods.account('autoweave-runner');
    const pod = await pods.pod('autoweave-runner');
    const directory = await mkdtemp(join(tmpdir(), 'autoweave-token-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'token'), await pods.token(pod));
    const port = await freePort();
    const settings = { AW_RUNNER_ENTRY: '', AW_RUNNER_PORT: String(port), KUBECONFIG: inject('kubeconfigPath') };
    const runner = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', runnerEntry, 'namespace'], {
      env: {
        AW_EXECUTOR_ADDRESS: `127.0.0.1:${port}`,
        AW_RUNNER_NAMESPACE: pods.namespace,
        AW_RUNNER_TOKEN_FILE: join(directory, 'token'),
        AW_PROBE_PORT: '0',
      },
      stdio: 'ignore',
    });
    children.push(runner);

    const revision = await bench.publish(bundleOf(`let n = 0; ${onJob('return ++n')}`));
    const plugin = { namespace: pods.namespace, name: 'p' };
    const jobs = Array.from({ length: 6 }, () => bench.job('p', revision, { plugin }));
    await bench.add(...jobs.slice(0, 3));
    const first = startProcess(bench, settings);
    expect(await bench.allResults(jobs.slice(0, 3))).toMatchObject([{ value: 1 }, { value: 2 }, { value: 3 }]);
    first.kill('SIGKILL');
    await bench.add(...jobs.slice(3));
    startProcess(bench, settings);
    const values = (await bench.allResults(jobs)).map((result) => result?.value);
    expect(values).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('when Redis is away', { timeout: 120_000 }, () => {
  it('an executor goes on as soon as it is back, and loses nothing', async () => {
    const server = await startRedisServer();
    try {
      const bench = createBench(server.url);
      const revision = await bench.publish(bundleOf(onJob('return job.payload')));
      const before = bench.job('p', revision, { payload: 'before' });
      await bench.startExecutor();
      await bench.add(before);
      await bench.allResults([before]);
      const [waiting, after] = ['waiting', 'after'].map((payload) => bench.job('p', revision, { payload }));
      if (waiting === undefined || after === undefined) throw new Error('unreachable');

      await server.kill();
      // Longer than the ten seconds after which a worker of BullMQ before 6.7 never took a job again (taskforcesh/bullmq#4585).
      await new Promise((resolve) => setTimeout(resolve, 13_000));
      const adding = bench.add(waiting);
      await server.start();
      await adding;
      expect(await bench.allResults([waiting])).toMatchObject([{ value: 'waiting' }]);
      await bench.add(after);
      expect(await bench.allResults([before, waiting, after])).toMatchObject([
        { value: 'before' },
        { value: 'waiting' },
        { value: 'after' },
      ]);
      await bench.stop();
      benches.pop();
    } finally {
      await server.stop();
    }
  });
});

async function readProc(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8');
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const list = await readProc(pid, `task/${pid}/children`);
  return list.split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
