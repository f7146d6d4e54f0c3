import type { AutoWeavePlugin, JobResult } from '@autoweave/crds';
import { WaitError } from '@autoweave/platform/kube';
import { describe, expect, it } from 'vitest';
import { checkSource } from './check-source.ts';
import { type PluginPlan, planPlugin, type PluginWorld } from './plan.ts';
import { faulty } from '../../plugin-fault.ts';
import type { Placement } from '../../workloads/plan-placement.ts';
import { sampleFiles, samplePlugin } from './testing/sample-plugin.ts';
import type { Worker } from './worker-job.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const noResults = { succeeded: 0, failed: 0, last: [] };

function worker(state: Worker['state'], node = 'a', changes: Partial<Worker> = {}): Worker {
  return {
    node,
    state,
    instance: `${node}-1`,
    revision: 'r1',
    attempt: 1,
    since: new Date(now).toISOString(),
    ...changes,
  };
}

function plan(changes: Partial<PluginWorld> & { workers?: readonly Worker[] } = {}): PluginPlan {
  const { workers = [], ...rest } = changes;
  return planPlugin({
    plugin: samplePlugin(),
    checked: checkSource(sampleFiles()),
    denial: undefined,
    limits: { memoryMegabytes: 64, timeoutSeconds: 30 },
    placement: undefined,
    seen: { ok: true, workers, results: noResults },
    now,
    ...rest,
  });
}

/** Phase, and the conditions as `Ready=True Running`. */
function standing({ status }: PluginPlan): string[] {
  const conditions = status.conditions?.map(({ reason, status: holds, type }) => `${type}=${holds} ${reason}`) ?? [];
  return [status.phase ?? '', ...conditions.filter((text) => !/^(Validated|Permitted)=True/.test(text))];
}

const suspended = samplePlugin({ suspend: true });
const denial = { code: 'AW_PLUGIN_NOT_PERMITTED', message: 'no' } as const;
const loadFailed = { code: 'AW_PLUGIN_LOAD_FAILED', message: 'Error: no such thing' };

describe('a plugin', () => {
  it.each<[string, Parameters<typeof plan>[0], string[]]>([
    [
      'without an executor',
      {},
      ['Loading', 'Ready=False NoExecutor', 'Loaded=False NoExecutor', 'Reconciling=True NoExecutor'],
    ],
    [
      'that is being loaded',
      { workers: [worker('Loading'), worker('Loading', 'b')] },
      ['Loading', 'Ready=False Loading', 'Loaded=False Loading', 'Reconciling=True Loading'],
    ],
    [
      'that is loaded at some nodes already',
      { workers: [worker('Loaded'), worker('Loading', 'b')] },
      ['Starting', 'Ready=False Loading', 'Loaded=False Loading', 'Reconciling=True Loading'],
    ],
    [
      'that is loaded everywhere',
      { workers: [worker('Loaded')] },
      ['Running', 'Ready=True Running', 'Loaded=True Loaded'],
    ],
    [
      'that fails everywhere',
      { workers: [worker('Failed', 'a', loadFailed)] },
      ['Failed', 'Ready=False PluginLoadFailed', 'Loaded=False PluginLoadFailed', 'Stalled=True PluginLoadFailed'],
    ],
    [
      'that fails at one of two nodes',
      { workers: [worker('Loaded'), worker('Failed', 'b', loadFailed)] },
      ['Running', 'Ready=False PluginLoadFailed', 'Loaded=False PluginLoadFailed', 'Stalled=True PluginLoadFailed'],
    ],
    [
      'whose loading is tried again',
      { workers: [worker('Failed', 'a', { code: 'AW_RUNNER_UNAVAILABLE' })] },
      [
        'Loading',
        'Ready=False RunnerUnavailable',
        'Loaded=False RunnerUnavailable',
        'Reconciling=True RunnerUnavailable',
      ],
    ],
    [
      'that is suspended and still loaded',
      { plugin: suspended, workers: [worker('Unloading')] },
      ['Stopping', 'Ready=False Suspended', 'Loaded=False Suspended', 'Reconciling=True Suspended'],
    ],
    [
      'that is suspended',
      { plugin: suspended, workers: [worker('Unloaded')] },
      ['Stopped', 'Ready=False Suspended', 'Loaded=False Suspended'],
    ],
    [
      'whose ConfigMap is not there',
      { checked: faulty('AW_SOURCE_NOT_FOUND', 'there is no ConfigMap x') },
      [
        'Discovery',
        'Ready=False SourceNotFound',
        'Validated=False SourceNotFound',
        'Loaded=False SourceNotFound',
        'Reconciling=True SourceNotFound',
      ],
    ],
    [
      'with a wrong file',
      { checked: faulty('AW_DIGEST_MISMATCH', 'index.js has a, the manifest lists b') },
      [
        'Rejected',
        'Ready=False DigestMismatch',
        'Validated=False DigestMismatch',
        'Loaded=False DigestMismatch',
        'Stalled=True DigestMismatch',
      ],
    ],
    [
      'that the policy does not allow',
      { denial },
      [
        'Rejected',
        'Ready=False PluginNotPermitted',
        'Permitted=False PluginNotPermitted',
        'Loaded=False PluginNotPermitted',
        'Stalled=True PluginNotPermitted',
      ],
    ],
  ])('%s says so', (_name, world, expected) => {
    expect(standing(plan(world))).toEqual(expected);
  });

  it.each<[string, Placement, readonly Worker[], string[]]>([
    [
      'is nowhere as long as no node has its device, and that is right',
      { isPlaced: false, reason: 'NoNodeWithDevice', message: '', outlook: 'Resting' },
      [],
      ['Running', 'Ready=True NoNodeWithDevice', 'Placed=False NoNodeWithDevice', 'Loaded=True NoNodeWithDevice'],
    ],
    [
      'waits for its pods',
      { isPlaced: false, reason: 'PodsStarting', message: '', outlook: 'Reconciling' },
      [],
      [
        'Loading',
        'Ready=False PodsStarting',
        'Placed=False PodsStarting',
        'Loaded=False PodsStarting',
        'Reconciling=True PodsStarting',
      ],
    ],
    [
      'runs in part while one of its pods cannot',
      { isPlaced: false, reason: 'ImageUnavailable', message: '', outlook: 'Stalled' },
      [worker('Loaded')],
      [
        'Running',
        'Ready=False ImageUnavailable',
        'Placed=False ImageUnavailable',
        'Loaded=False ImageUnavailable',
        'Stalled=True ImageUnavailable',
      ],
    ],
    [
      'is loaded in its pods',
      { isPlaced: true, reason: 'Placed', message: '', outlook: 'Resting' },
      [worker('Loaded')],
      ['Running', 'Ready=True Running', 'Placed=True Placed', 'Loaded=True Loaded'],
    ],
    [
      'fails in its pods',
      { isPlaced: true, reason: 'Placed', message: '', outlook: 'Resting' },
      [worker('Failed', 'a', loadFailed)],
      [
        'Failed',
        'Ready=False PluginLoadFailed',
        'Placed=True Placed',
        'Loaded=False PluginLoadFailed',
        'Stalled=True PluginLoadFailed',
      ],
    ],
    [
      'has run to its end',
      { isPlaced: true, reason: 'Completed', message: '', outlook: 'Resting' },
      [worker('Loaded')],
      ['Stopped', 'Ready=True Completed', 'Placed=True Completed', 'Loaded=True Completed'],
    ],
  ])('with pods of its own %s', (_name, placement, workers, expected) => {
    expect(standing(plan({ placement, workers }))).toEqual(expected);
  });

  it('says nothing of pods that it should not have', () => {
    const placement = { isPlaced: true, reason: 'Placed', message: '', outlook: 'Resting' } as const;
    const known = plan({ placement, workers: [worker('Loaded')] }).status;
    expect(standing(plan({ placement, denial, plugin: samplePlugin({}, known) })).join()).not.toContain('Placed');
    const stopped = { plugin: samplePlugin({ suspend: true }, known), workers: [worker('Unloaded')] };
    expect(standing(plan({ placement, ...stopped })).join()).not.toContain('Placed');
  });

  it('says what is wrong and what to do, with the code', () => {
    const message = (result: PluginPlan) => result.status.conditions?.[0]?.message;
    expect(message(plan({ checked: faulty('AW_MANIFEST_INVALID', 'name is "A"; give a name') }))).toBe(
      'AW_MANIFEST_INVALID: name is "A"; give a name. Correct the named field of autoweave.plugin.json; the schema is crds/schemas/plugin-manifest.schema.json.',
    );
    expect(message(plan({ workers: [worker('Loaded'), worker('Failed', 'b', loadFailed)] }))).toMatch(
      /^AW_PLUGIN_LOAD_FAILED: Could not be loaded at 1 of 2 nodes; node b: Error: no such thing. The plugin threw/,
    );
  });

  it('shows bundle, limits and permissions, unless they are not granted', () => {
    const { status } = plan();
    expect(status).toMatchObject({
      observedGeneration: 2,
      bundle: { name: 'greeter', version: '1.0.0', digest: expect.stringMatching(/^sha256:/) },
      limits: { memoryMegabytes: 64, timeoutSeconds: 30 },
      permissions: { usb: [{ operation: 'monitor' }] },
    });
    expect(plan({ denial }).status).not.toHaveProperty('permissions');
    expect(plan({ denial }).status).toHaveProperty('bundle');
    const invalid = plan({ checked: faulty('AW_DIGEST_MISMATCH', '') }).status;
    expect(invalid).not.toHaveProperty('bundle');
    expect(invalid).not.toHaveProperty('permissions');
  });

  it('looks again sooner while something is under way', () => {
    expect(plan({ workers: [worker('Loaded')] }).requeueAfterMilliseconds).toBe(60_000);
    expect(plan({ workers: [worker('Loading')] }).requeueAfterMilliseconds).toBe(15_000);
    const failed = worker('Failed', 'a', { code: 'AW_RUNNER_UNAVAILABLE' });
    expect(plan({ workers: [failed] }).requeueAfterMilliseconds).toBe(10_000);
  });
});

describe('a plugin without Redis', () => {
  const unseen = { ok: false, error: new Error('x'), message: 'connect ECONNREFUSED' } as const;

  it('keeps what was true', () => {
    const running = plan({ workers: [worker('Loaded')] }).status;
    const plugin: AutoWeavePlugin = samplePlugin({}, running);
    expect(plan({ plugin, seen: unseen }).status).toEqual(running);
  });

  it('tells of a new spec what can be told', () => {
    const result = plan({ seen: unseen });
    expect(standing(result)).toEqual([
      'Loading',
      'Ready=False RedisUnreachable',
      'Loaded=False RedisUnreachable',
      'Reconciling=True RedisUnreachable',
    ]);
    expect(result.status.conditions?.[0]?.message).toMatch(/^AW_REDIS_UNREACHABLE: connect ECONNREFUSED. Check/);
    const invalid = plan({ seen: unseen, checked: faulty('AW_DIGEST_MISMATCH', '') });
    expect(invalid.status.phase).toBe('Rejected');
  });
});

describe('a plugin of which it is not known yet where it should be loaded', () => {
  it('says so without alarm', () => {
    const error = new WaitError(1_000, 'It is not known yet which executors live');
    const { status } = plan({ seen: { ok: false, error, message: error.message } });
    expect(status.phase).toBe('Loading');
    expect(status.conditions?.[0]).toMatchObject({ type: 'Ready', reason: 'ExecutorsUnknown', message: error.message });
  });
});

describe('results of a plugin', () => {
  const job = (jobId: string, changes: Partial<JobResult> = {}): JobResult => ({
    jobId,
    type: 'usb.attach',
    plugin: { namespace: 'lab', name: 'greeter' },
    node: 'a',
    deviceName: 'd',
    state: 'Succeeded',
    startedAt: now,
    finishedAt: now,
    traceparent: '',
    ...changes,
  });
  const results = (plugin: AutoWeavePlugin, ...last: JobResult[]) =>
    plan({ plugin, seen: { ok: true, workers: [], results: { succeeded: 3, failed: 1, last } } }).status.results;

  it('are the counters and the latest records', () => {
    const failed = job('2', { state: 'Failed', code: 'AW_PLUGIN_THREW', message: 'no' });
    expect(results(samplePlugin(), failed, job('1', { value: { seen: 2 } }))).toEqual({
      succeeded: 3,
      failed: 1,
      last: [
        {
          jobId: '2',
          type: 'usb.attach',
          device: 'd',
          node: 'a',
          state: 'Failed',
          code: 'AW_PLUGIN_THREW',
          message: 'no',
          finishedAt: '2026-11-21T12:00:00.000Z',
        },
        {
          jobId: '1',
          type: 'usb.attach',
          device: 'd',
          node: 'a',
          state: 'Succeeded',
          value: '{"seen":2}',
          finishedAt: '2026-11-21T12:00:00.000Z',
        },
      ],
    });
  });

  it('stay when their records have ended, until newer ones push them out', () => {
    const known = results(samplePlugin(), job('2'), job('1'));
    const plugin = samplePlugin({}, known === undefined ? {} : { results: known });
    const ids = (...last: JobResult[]) => results(plugin, ...last)?.last?.map(({ jobId }) => jobId);

    expect(ids()).toEqual(['2', '1']);
    expect(ids(job('3'), job('2'))).toEqual(['3', '2', '1']);
    const many = Array.from({ length: 9 }, (_, index) => job(`n${index}`));
    expect(ids(...many)).toEqual([...many.map(({ jobId }) => jobId), '2']);
  });

  it('are bounded, whatever a plugin returns', () => {
    const value = { text: `${'x'.repeat(4086)}😀${'y'.repeat(10_000)}` };
    const shown = results(samplePlugin(), job('1', { value, message: 'm'.repeat(5000) }))?.last?.[0];
    expect(shown?.value?.length).toBe(4096);
    expect(shown?.value?.isWellFormed()).toBe(true);
    expect(shown?.message?.length).toBe(1024);
  });
});
