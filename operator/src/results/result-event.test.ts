import type { JobResult } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { parseJobResult } from './parse-job-result.ts';
import { resultEvent } from './result-event.ts';

const result: JobResult = {
  jobId: 'attach-1',
  type: 'usb.attach',
  plugin: { namespace: 'default', name: 'p' },
  node: 'a',
  deviceName: '046d-c31c-0011223344556677',
  state: 'Succeeded',
  startedAt: 1,
  finishedAt: 2,
  traceparent: '',
};

describe('the Kubernetes Event of a result', () => {
  it('has the name of its job, so that it exists once', () => {
    const { name } = resultEvent(result, undefined);
    expect(name).toMatch(/^p\.[0-9a-f]{24}$/);
    expect(resultEvent({ ...result, finishedAt: 9 }, undefined).name).toBe(name);
    expect(resultEvent({ ...result, jobId: 'Ä:/ any client id' }, undefined).name).toMatch(/^p\.[0-9a-f]{24}$/);
  });

  it('shows what the plugin returned, as far as the note of an Event has room', () => {
    const answered = resultEvent({ ...result, value: { category: 'keyboard' } }, undefined);
    expect(answered.message).toMatch(/: succeeded with {"category":"keyboard"}$/);
    const long = resultEvent({ ...result, value: 'x'.repeat(16_000) }, undefined);
    expect(long.message.length).toBeLessThan(1024);
    expect(long.message).toMatch(/x…$/);
  });

  it('names device and node for programs', () => {
    const { deviceName: _deviceName, ...without } = result;
    expect(resultEvent(result, undefined).annotations).toEqual({
      'autoweave.dev/device': '046d-c31c-0011223344556677',
      'autoweave.dev/node': 'a',
    });
    expect(resultEvent({ ...without, node: '' }, undefined).annotations).toEqual({});
  });

  it('tells what ran for which device and where, and why it failed', () => {
    expect(resultEvent(result, undefined)).toMatchObject({
      type: 'Normal',
      reason: 'PluginSucceeded',
      action: 'OnAttach',
      message: 'usb.attach for device 046d-c31c-0011223344556677 on node a (job attach-1): succeeded',
    });
    const failed = { ...result, state: 'Failed', code: 'AW_PLUGIN_THREW', message: 'no' } as const;
    expect(resultEvent(failed, undefined)).toMatchObject({
      type: 'Warning',
      reason: 'PluginFailed',
      message: expect.stringMatching(/: AW_PLUGIN_THREW: no$/),
    });
  });
});

describe('a result in Redis', () => {
  it('is read back as it was written', () => {
    expect(parseJobResult(JSON.stringify(result))).toEqual(result);
  });

  it.each(['', '[]', '{}', JSON.stringify({ ...result, state: 'Done' })])('is none when it is %j', (text) => {
    expect(parseJobResult(text)).toBeUndefined();
  });
});
