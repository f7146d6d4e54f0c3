import type { LaneJob } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { MetricsRegistry, newTraceparent, type Span } from '@autoweave/platform/telemetry';
import { describe, expect, it } from 'vitest';
import type { DeviceInventory, HookCall, PluginRuntime } from '../ports.ts';
import { silent } from '../testing/executor-bench.ts';
import { LaneJobRunner } from './lane-job-runner.ts';

const traceparent = newTraceparent();

function job(more: Partial<LaneJob> = {}): LaneJob {
  return {
    id: 'j1',
    type: 'plugin.job',
    plugin: { namespace: 'ns', name: 'p' },
    pluginUid: 'u1',
    exclusive: false,
    createdAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    traceparent,
    revision: { uid: 'u1', runtime: 'Thread', bundleDigest: 'sha256:0', memoryMegabytes: 64, timeoutSeconds: 30 },
    ...more,
  };
}

interface World {
  readonly answer?: (call: HookCall) => unknown;
  readonly holds?: DeviceInventory['holds'];
  /** Takes what is recorded. */
  readonly spans?: Span[];
}

function runnerOf({ answer = () => undefined, holds = async () => true, spans = [] }: World): LaneJobRunner {
  const runtime: PluginRuntime = {
    load: async () => undefined,
    call: async (call) => answer(call),
    unload: async () => undefined,
    stop: async () => undefined,
  };
  return new LaneJobRunner({
    node: 'n1',
    runtime,
    inventory: { holds },
    logger: silent,
    metrics: new MetricsRegistry(),
    spans: { record: (tell) => void spans.push(...tell()) },
  });
}

function failing(error: Error): World {
  return {
    answer: () => {
      throw error;
    },
  };
}

describe('a job of the lane', () => {
  it('becomes a result in the same trace', async () => {
    const result = await runnerOf({ answer: ({ argument }) => argument.payload }).run(job({ payload: 7 }), 0);
    expect(result).toMatchObject({ jobId: 'j1', node: 'n1', state: 'Succeeded', value: 7 });
    expect(result.traceparent.slice(0, 35)).toBe(traceparent.slice(0, 35));
    expect(result.traceparent).not.toBe(traceparent);
  });

  it('is traced from its room over the lane to its end', async () => {
    const spans: Span[] = [];
    const made = Date.now() - 100;
    const result = await runnerOf({ spans }).run(job({ createdAt: made, deviceName: 'd' }), made + 40);

    const { startedAt, finishedAt } = result;
    expect(spans.map(({ name, parent, startedAt: from, endedAt }) => [name, parent, from, endedAt])).toEqual([
      ['plugin.job', undefined, made, finishedAt],
      ['wait in room', traceparent, made, made + 40],
      ['wait in lane', traceparent, made + 40, startedAt],
      ['process lane', traceparent, startedAt, finishedAt],
    ]);
    expect(spans[0]?.traceparent).toBe(traceparent);
    expect(spans.at(-1)?.traceparent).toBe(result.traceparent);
    expect(new Set(spans.map((span) => span.traceparent)).size).toBe(4);
  });

  it('has the end of its trace where it ended, not where it was handed back', async () => {
    const spans: Span[] = [];
    await runnerOf({ spans, holds: async () => false }).run(job({ deviceName: 'd' }), 0);
    expect(spans.map(({ name }) => name)).toEqual(['wait in room', 'wait in lane', 'process lane']);
  });

  it('has its failure in the trace', async () => {
    const spans: Span[] = [];
    await runnerOf({ ...failing(new AutoWeaveError('AW_PLUGIN_ENDED', 'it threw')), spans }).run(job(), 0);
    expect(spans.at(-1)).toMatchObject({ error: 'it threw', attributes: { 'error.type': 'AW_PLUGIN_ENDED' } });
  });

  it.each([
    [
      'the code of the plugin',
      new AutoWeaveError('AW_PLUGIN_THREW', 'boo'),
      { state: 'Failed', code: 'AW_PLUGIN_THREW', message: 'boo' },
    ],
    ['a code for what has none', new TypeError('odd'), { state: 'Failed', code: 'AW_PLUGIN_ENDED', message: 'odd' }],
    ['a short message', new AutoWeaveError('AW_PLUGIN_THREW', 'x'.repeat(9999)), { message: 'x'.repeat(4096) }],
    [
      'a way back while its bundle is missing',
      new AutoWeaveError('AW_BUNDLE_MISSING', 'none'),
      { state: 'HandedBack' },
    ],
    [
      'a way back while its runner is not there',
      new AutoWeaveError('AW_RUNNER_UNAVAILABLE', 'none'),
      { state: 'HandedBack', code: 'AW_RUNNER_UNAVAILABLE' },
    ],
  ])('that fails has %s', async (_, error, expected) => {
    expect(await runnerOf(failing(error)).run(job(), 0)).toMatchObject(expected);
  });

  it('fails when its answer is too large, whatever the runner let through', async () => {
    const result = await runnerOf({ answer: () => 'ü'.repeat(8192) }).run(job(), 0);
    expect(result).toMatchObject({ state: 'Failed', code: 'AW_RESULT_TOO_LARGE' });
    expect(result).not.toHaveProperty('value');
  });

  it.each([
    ['is elsewhere', async () => false],
    ['may be anywhere, as the agent does not answer', () => Promise.reject(new Error('refused'))],
  ])('goes back when its device %s', async (_, holds) => {
    expect(await runnerOf({ holds }).run(job({ deviceName: 'd' }), 0)).toMatchObject({ state: 'HandedBack' });
  });

  it('of an event runs wherever the device is now, and fails without the event', async () => {
    const result = await runnerOf({ holds: async () => false }).run(job({ type: 'usb.attach', deviceName: 'd' }), 0);
    expect(result).toMatchObject({ state: 'Failed', code: 'AW_JOB_INVALID' });
  });
});
