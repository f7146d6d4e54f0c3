import { redisKeys } from '@autoweave/crds';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { bundleOf, ExecutorBench, onJob, patient, storage } from './testing/executor-bench.ts';

const benches: ExecutorBench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.stop()));
});

function createBench(): ExecutorBench {
  const bench = new ExecutorBench(inject('redisUrl'));
  benches.push(bench);
  return bench;
}

describe('an executor', { timeout: 120_000 }, () => {
  it('runs the hook of a job in its lane and records the result once, before the job completes', async () => {
    const bench = createBench();
    const revision = await bench.publish(bundleOf(onJob('return { got: job.payload }')));
    const job = bench.job('p', revision, { payload: 7 });
    await bench.add(job);
    await bench.startExecutor();

    expect(await bench.allResults([job])).toMatchObject([
      { jobId: job.id, state: 'Succeeded', value: { got: 7 }, node: bench.node, plugin: job.plugin },
    ]);
    await vi.waitFor(async () => expect(await bench.lane.getCompletedCount()).toBe(1), patient);
    expect(await bench.results.find(job.id)).toMatchObject({ state: 'Succeeded', value: { got: 7 } });
    expect(await bench.redis.hgetall(redisKeys.pluginCounters(bench.namespace, 'p'))).toMatchObject({ succeeded: '1' });
  });

  it('does not run a job again that has a result', async () => {
    const bench = createBench();
    const revision = await bench.publish(bundleOf(onJob(`await store.set('ran', 1); return 'second'`), storage));
    const job = bench.job('p', revision);
    const first = { jobId: job.id, type: job.type, plugin: job.plugin, node: 'other', state: 'Succeeded' } as const;
    await bench.results.record({ ...first, value: 'first', startedAt: 1, finishedAt: 2, traceparent: job.traceparent });
    await bench.add(job);
    await bench.startExecutor();
    await vi.waitFor(async () => expect(await bench.lane.getCompletedCount()).toBe(1), patient);
    expect(await bench.told([job])).toMatchObject([{ value: 'first' }]);
    expect(await bench.redis.exists(redisKeys.pluginStore(bench.namespace, 'p'))).toBe(0);
    expect((await bench.lane.getJob(job.id))?.returnvalue).toMatchObject({ value: 'first' });
  });

  it('loads and unloads on request, with onStart and onStop', async () => {
    const bench = createBench();
    const source = `export default { onStart: ({ store }) => store.set('started', 1),
      onStop: ({ store }) => store.set('stopped', 1) };`;
    const revision = await bench.publish(bundleOf(source, storage));
    const load = bench.job('p', revision, { type: 'plugin.load' });
    const unload = bench.job('p', revision, { type: 'plugin.unload' });
    await bench.startExecutor();
    await bench.add(load, unload);
    expect(await bench.allResults([load, unload])).toMatchObject([{ state: 'Succeeded' }, { state: 'Succeeded' }]);
    expect(await bench.redis.hgetall(redisKeys.pluginStore(bench.namespace, 'p'))).toEqual({
      started: '1',
      stopped: '1',
    });
    expect(await bench.redis.hgetall(redisKeys.pluginCounters(bench.namespace, 'p'))).toEqual({});
  });

  it('refuses a bundle that is not what its digest says', async () => {
    const bench = createBench();
    const good = bundleOf(onJob('return 1'));
    const revision = await bench.publish(good);
    const forged = bundleOf(onJob('return "forged"'));
    await bench.redis.set(redisKeys.bundle(revision.bundleDigest), JSON.stringify(forged));
    const job = bench.job('p', revision);
    await bench.add(job);
    await bench.startExecutor();
    expect(await bench.allResults([job])).toMatchObject([{ state: 'Failed', code: 'AW_DIGEST_MISMATCH' }]);
  });

  it('hands back what it cannot run here: a device that is elsewhere, a bundle that is not published', async () => {
    const bench = createBench();
    bench.devices.add('here');
    const revision = await bench.publish(bundleOf(onJob('return deviceName')));
    const missing = { ...revision, bundleDigest: `sha256:${'0'.repeat(64)}` };
    const jobs = [
      bench.job('p', revision, { deviceName: 'here' }),
      bench.job('p', revision, { deviceName: 'elsewhere' }),
      bench.job('q', missing),
      bench.job('q', missing, { type: 'plugin.load' }),
    ];
    await bench.add(...jobs);
    await bench.startExecutor();
    expect(await bench.allResults(jobs)).toMatchObject([
      { state: 'Succeeded', value: 'here' },
      { state: 'HandedBack' },
      { state: 'HandedBack', code: 'AW_BUNDLE_MISSING' },
      { state: 'Failed', code: 'AW_BUNDLE_MISSING' },
    ]);
    expect(await bench.results.find(jobs[1]?.id ?? '')).toBeUndefined();
  });

  it('runs the jobs of one plugin one at a time and in order, and those of others meanwhile', async () => {
    const bench = createBench();
    const source = `const { promise, resolve } = Promise.withResolvers(); let n = 0, running = 0;
      export default { async onJob(job, { store }) {
        if (++running > 1) throw new Error('two at once');
        for (let i = 0; i < 20; i++) await store.get('x');
        running--; return ++n;
      } };`;
    const revision = await bench.publish(bundleOf(source, storage));
    const jobs = ['a', 'b', 'c'].flatMap((name) => Array.from({ length: 20 }, () => bench.job(name, revision)));
    await bench.add(...jobs);
    await bench.startExecutor();
    const values = (await bench.allResults(jobs)).map((result) => result?.value);
    const counted = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(values).toEqual([...counted, ...counted, ...counted]);
  });

  it('runs 1,000 jobs of 20 plugins exactly once each', async () => {
    const bench = createBench();
    const source = onJob(`const n = (await store.get('n') ?? 0) + 1; await store.set('n', n); return job.payload;`);
    const revision = await bench.publish(bundleOf(source, storage));
    const jobs = Array.from({ length: 1000 }, (_, index) => bench.job(`p${index % 20}`, revision, { payload: index }));
    await bench.add(...jobs);
    await bench.startExecutor();
    const told = await bench.allResults(jobs);
    expect(told.map((result) => result?.value)).toEqual(jobs.map((_, index) => index));
    for (let index = 0; index < 20; index += 1) {
      expect(await bench.redis.hget(redisKeys.pluginStore(bench.namespace, `p${index}`), 'n')).toBe('50');
      expect(await bench.redis.hget(redisKeys.pluginCounters(bench.namespace, `p${index}`), 'succeeded')).toBe('50');
    }
  });

  it('tells that it is there, and when it leaves', async () => {
    const bench = createBench();
    const { stop } = await bench.startExecutor();
    const key = redisKeys.executor(bench.node);
    await vi.waitFor(async () => {
      const value: unknown = JSON.parse((await bench.redis.get(key)) ?? 'null');
      expect(value).toMatchObject({ node: bench.node, version: 'test' });
    }, patient);
    expect(await bench.redis.sismember(redisKeys.executors, bench.node)).toBe(1);
    expect(await bench.redis.pttl(key)).toBeLessThanOrEqual(3000);
    await stop();
    expect(await bench.redis.exists(key)).toBe(0);
  });

  it('finishes what runs when it is stopped, and leaves the rest to its successor', async () => {
    const bench = createBench();
    const waiting = onJob(`await store.set('started', 1); while (!(await store.get('go'))); return 'finished'`);
    const revision = await bench.publish(bundleOf(waiting, storage), { timeoutSeconds: 60 });
    const store = redisKeys.pluginStore(bench.namespace, 'p');
    const jobs = [bench.job('p', revision), bench.job('p', revision)];
    const { stop } = await bench.startExecutor();
    await bench.add(...jobs);
    await vi.waitFor(async () => expect(await bench.redis.hexists(store, 'started')).toBe(1), patient);
    const stopped = stop();
    await bench.redis.hset(store, 'go', 'true');
    await stopped;
    expect(await bench.told(jobs)).toMatchObject([{ jobId: jobs[0]?.id, value: 'finished' }]);
    expect(await bench.lane.getWaitingCount()).toBe(1);

    await bench.startExecutor();
    expect(await bench.allResults(jobs)).toMatchObject([{ value: 'finished' }, { value: 'finished' }]);
  });

  it('gives a hook that does not end in time back when it is stopped', async () => {
    const bench = createBench();
    const source = onJob(
      `if (await store.get('go')) return 'second'; await store.set('go', 1); for (;;) await store.get('x')`,
    );
    const revision = await bench.publish(bundleOf(source, storage), { timeoutSeconds: 60 });
    const job = bench.job('p', revision);
    const { stop } = await bench.startExecutor();
    await bench.add(job);
    const store = redisKeys.pluginStore(bench.namespace, 'p');
    await vi.waitFor(async () => expect(await bench.redis.hexists(store, 'go')).toBe(1), patient);
    await stop();
    expect(await bench.told([job])).toEqual([]);
    expect(await bench.lane.getWaitingCount()).toBe(1);
    await bench.startExecutor();
    expect(await bench.allResults([job])).toMatchObject([{ value: 'second' }]);
  });

  it('runs a job again whose runner was killed', async () => {
    const bench = createBench();
    const source = onJob(
      `if (await store.get('go')) return 'again'; await store.set('started', 1); await new Promise(() => {})`,
    );
    const revision = await bench.publish(bundleOf(source, storage), { timeoutSeconds: 60 });
    const job = bench.job('p', revision);
    const { launcher } = await bench.startExecutor();
    await bench.add(job);
    const store = redisKeys.pluginStore(bench.namespace, 'p');
    await vi.waitFor(async () => expect(await bench.redis.hexists(store, 'started')).toBe(1), patient);
    await bench.redis.hset(store, 'go', 'true');
    launcher.killLatest();
    expect(await bench.allResults([job])).toMatchObject([{ state: 'Succeeded', value: 'again' }]);
    expect(launcher.processes).toHaveLength(2);
  });
});
