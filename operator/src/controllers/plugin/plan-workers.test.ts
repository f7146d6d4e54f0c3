import type { JobResult } from '@autoweave/crds';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Executor } from '../../ports.ts';
import { planWorkers, retryTime, settleWorker, type WorkplaceExecutor } from './plan-workers.ts';
import { isWaiting, type Worker, workerJobId } from './worker-job.ts';

/** Many runs take long on a busy machine. */
const patience = { timeout: 60_000 };

const start = Date.parse('2026-11-21T12:00:00Z');

function executor(node: string, instance = `${node}-1`): Executor {
  return { node, instance, version: '0.1.0', startedAt: 0 };
}

function result(state: JobResult['state'], code?: string): JobResult {
  return {
    jobId: 'j',
    type: 'plugin.load',
    plugin: { namespace: 'lab', name: 'greeter' },
    node: 'a',
    state,
    ...(code === undefined ? {} : { code, message: 'no' }),
    startedAt: 0,
    finishedAt: 0,
    traceparent: '',
  };
}

/** Passes over one plugin: each knows what the one before left. */
class Passes {
  workers: readonly Worker[] = [];
  now = start;

  pass(revision: string | undefined, ...executors: readonly WorkplaceExecutor[]): string[] {
    this.now += 1000;
    this.workers = planWorkers({ revision, known: this.workers, executors, now: this.now });
    return this.workers.map(({ node, state }) => `${node} ${state}`);
  }

  /** All jobs that are waited for end like this. */
  end(ended: JobResult): void {
    this.workers = this.workers.map((worker) => (isWaiting(worker) ? settleWorker(worker, ended, this.now) : worker));
  }

  jobIds(): string[] {
    return this.workers.map((worker) => workerJobId('uid', worker));
  }
}

describe('workers of a plugin', () => {
  it('load at each executor, once', () => {
    const passes = new Passes();
    expect(passes.pass('r1', executor('b'), executor('a'))).toEqual(['a Loading', 'b Loading']);
    const jobIds = passes.jobIds();
    expect(new Set(jobIds).size).toBe(2);
    passes.pass('r1', executor('a'), executor('b'));
    expect(passes.jobIds()).toEqual(jobIds);
    passes.end(result('Succeeded'));
    expect(passes.pass('r1', executor('a'), executor('b'))).toEqual(['a Loaded', 'b Loaded']);
  });

  it('are followed at as many executors as the status holds, always the same ones', () => {
    const executors = Array.from({ length: 400 }, (_, index) => executor(`n${index}`));
    const passes = new Passes();
    expect(passes.pass('r1', ...executors)).toHaveLength(256);
    const jobIds = passes.jobIds();
    passes.pass('r1', ...executors.toReversed());
    expect(passes.jobIds()).toEqual(jobIds);
  });

  it('load anew in an executor that started again, and are gone with one that is', () => {
    const passes = new Passes();
    passes.pass('r1', executor('a'), executor('b'));
    passes.end(result('Succeeded'));
    expect(passes.pass('r1', executor('a', 'a-2'))).toEqual(['a Loading']);
    expect(passes.pass('r1')).toEqual([]);
  });

  it('load another revision, and the first again, by jobs of their own', () => {
    const passes = new Passes();
    const jobIds = ['r1', 'r2', 'r1'].flatMap((revision) => {
      passes.pass(revision, executor('a'));
      const ids = passes.jobIds();
      passes.end(result('Succeeded'));
      return ids;
    });
    expect(new Set(jobIds).size).toBe(3);
  });

  it('unload when nothing is wanted, and load when it is again', () => {
    const passes = new Passes();
    expect(passes.pass(undefined, executor('a'))).toEqual([]);
    passes.pass('r1', executor('a'));
    const first = passes.jobIds();
    passes.end(result('Succeeded'));
    expect(passes.pass(undefined, executor('a'))).toEqual(['a Unloading']);
    passes.end(result('Succeeded'));
    expect(passes.pass(undefined, executor('a'))).toEqual(['a Unloaded']);
    expect(passes.pass('r1', executor('a'))).toEqual(['a Loading']);
    expect(passes.jobIds()).not.toEqual(first);
  });

  it('unload where the plugin no longer belongs, then are forgotten, and load when it belongs there again', () => {
    const passes = new Passes();
    const elsewhere = { ...executor('b'), isWanted: false };
    expect(passes.pass('r1', executor('a'), elsewhere)).toEqual(['a Loading']);
    expect(passes.pass('r1', executor('a'), executor('b'))).toEqual(['a Loading', 'b Loading']);
    passes.end(result('Succeeded'));
    expect(passes.pass('r1', executor('a'), elsewhere)).toEqual(['a Loaded', 'b Unloading']);
    passes.end(result('Succeeded'));
    expect(passes.pass('r1', executor('a'), elsewhere)).toEqual(['a Loaded']);
    expect(passes.pass('r1', executor('a'), executor('b'))).toEqual(['a Loaded', 'b Loading']);
  });

  it('stay failed until the plugin changes', () => {
    const passes = new Passes();
    passes.pass('r1', executor('a'));
    passes.end(result('Failed', 'AW_PLUGIN_LOAD_FAILED'));
    passes.now += 3_600_000;
    expect(passes.pass('r1', executor('a'))).toEqual(['a Failed']);
    expect(passes.workers[0]).toMatchObject({ code: 'AW_PLUGIN_LOAD_FAILED', message: 'no' });
    expect(passes.pass('r2', executor('a'))).toEqual(['a Loading']);
    expect(passes.workers[0]).not.toHaveProperty('code');
  });

  it('try again after a failure that may pass, ever less often', () => {
    const passes = new Passes();
    passes.pass('r1', executor('a'));
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      passes.end(result('Failed', 'AW_RUNNER_UNAVAILABLE'));
      const [worker] = passes.workers;
      if (worker === undefined) throw new Error('The worker is gone');
      const due = retryTime(worker) ?? 0;
      waits.push((due - passes.now) / 1000);
      passes.now = due - 2000;
      expect(passes.pass('r1', executor('a'))).toEqual(['a Failed']);
      expect(passes.pass('r1', executor('a'))).toEqual(['a Loading']);
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });

  it('ask again when a job was lost', () => {
    const passes = new Passes();
    passes.pass('r1', executor('a'));
    const lost = passes.jobIds();
    passes.now += 900_000;
    expect(passes.pass('r1', executor('a'))).toEqual(['a Loading']);
    expect(passes.jobIds()).not.toEqual(lost);
  });

  it('end up where they should, whatever came before', patience, () => {
    const step = fc.record({
      revision: fc.constantFrom('r1', 'r2', undefined),
      instances: fc.uniqueArray(fc.constantFrom('a-1', 'a-2', 'b-1', 'c-1'), { selector: ([node]) => node }),
      ended: fc.option(
        fc.constantFrom(
          result('Succeeded'),
          result('Failed', 'AW_PLUGIN_LOAD_FAILED'),
          result('Failed', 'AW_JOB_STALLED'),
        ),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.constantFrom('r3', undefined), (steps, wanted) => {
        const passes = new Passes();
        for (const { ended, instances, revision } of steps) {
          passes.pass(revision, ...instances.map((instance) => executor(instance.charAt(0), instance)));
          if (ended !== undefined) passes.end(ended);
        }
        passes.pass(wanted, executor('a'), executor('b'));
        passes.end(result('Succeeded'));
        const states = passes.pass(wanted, executor('a'), executor('b'));
        const settled = wanted === undefined ? /^[ab] Unloaded$/ : /^[ab] Loaded$/;
        expect(states.every((state) => settled.test(state))).toBe(true);
        expect(passes.workers.every(({ revision }) => wanted === undefined || revision === wanted)).toBe(true);
      }),
    );
  });
});
