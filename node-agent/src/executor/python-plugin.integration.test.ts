import type { HotplugEvent } from '@autoweave/crds';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { patient } from './testing/executor-bench.ts';
import { freePort, imagePlugin, probe } from './testing/pod-plugins.ts';
import { pythonPath, RunnerBench } from './testing/runner-bench.ts';

let bench: RunnerBench;
beforeEach(async () => {
  bench = await RunnerBench.start(inject('kubeconfigPath'));
});
afterEach(() => bench.stop());

describe.skipIf(pythonPath() === undefined)('a plugin in Python', { timeout: 120_000 }, () => {
  it('gets events, uses the store, and keeps its memory while the executor is replaced', async () => {
    await bench.sidecar();
    const container = await bench.python();
    const python = imagePlugin(bench);
    expect(await bench.run(python, undefined, sampleEvent)).toEqual({
      device: sampleEvent.deviceName,
      seen: 1,
      sinceStart: 1,
    });
    await bench.stopExecutor();
    await bench.startExecutor();
    expect(await bench.run(python, undefined, sampleEvent)).toEqual({
      device: sampleEvent.deviceName,
      seen: 2,
      sinceStart: 2,
    });
    expect(await bench.run(python, { any: 'thing' })).toMatchObject({ language: 'python', payload: { any: 'thing' } });
    expect(container.process.exitCode).toBeNull();
  });

  it('starts anew after a crash, and ends on SIGTERM', async () => {
    await bench.sidecar();
    const first = await bench.python();
    const python = imagePlugin(bench);
    await bench.run(python, undefined, sampleEvent);
    first.process.kill('SIGKILL');
    await first.ended;
    const second = await bench.python();
    expect(await bench.run(python, undefined, sampleEvent)).toEqual({
      device: sampleEvent.deviceName,
      seen: 2,
      sinceStart: 1,
    });
    second.process.kill('SIGTERM');
    expect(await second.ended).toBe('exit code 0');
  });

  it('tells of what it raises, and of what the executor refuses', async () => {
    await bench.sidecar();
    await bench.python(`import autoweave_plugin
class Bad:
    def on_job(self, payload, context):
        if payload == "store": context.set("", 1)
        if payload == "bytes": return b"no JSON"
        raise ValueError("boo")
autoweave_plugin.run(Bad())`);
    const bad = imagePlugin(bench);
    expect(await bench.run(bad)).toBe('AW_PLUGIN_THREW');
    expect(await bench.run(bad, 'bytes')).toBe('AW_PLUGIN_THREW');
    expect(await bench.run(bad, 'store')).toBe('AW_STORE_FULL');
  });

  it('that hangs is cut off at its deadline, and its container is to be restarted', async () => {
    const port = await freePort();
    await bench.sidecar(port);
    const hanging = await bench.python(`import autoweave_plugin, time
class Hanging:
    def on_job(self, payload, context):
        while payload == "hang": time.sleep(1)
        return "well"
autoweave_plugin.run(Hanging())`);
    const short = imagePlugin(bench, 1);
    expect(await bench.run(short, 'no')).toBe('well');
    expect(await bench.run(short, 'hang')).toBe('AW_PLUGIN_TIMEOUT');
    expect(await probe(port, '/plugin')).toBe('503 it did not answer before its deadline');
    hanging.process.kill('SIGKILL');
    await bench.python();
    await expect.poll(() => bench.run(short, 'again'), patient).toMatchObject({ language: 'python' });
    expect(await probe(port, '/plugin')).toBe('200 ok');
  });

  it('that works longer than it may be silent is not taken for dead', async () => {
    await bench.sidecar();
    await bench.python(`import autoweave_plugin, time
class Slow:
    def on_job(self, payload, context):
        time.sleep(13)
        return "slow"
autoweave_plugin.run(Slow())`);
    const slow = imagePlugin(bench, 30);
    expect([await bench.run(slow), await bench.run(slow)]).toEqual(['slow', 'slow']);
  });
});

const sampleEvent: HotplugEvent = {
  schema: '1',
  eventId: 'n1/0123456789ab/1',
  node: 'n1',
  epoch: '0123456789ab',
  sequence: 1,
  action: 'attach',
  source: 'simulated',
  partial: false,
  deviceName: '046d-c31c-00112233aabbccdd',
  deviceSignature: '00112233aabbccdd',
  identityQuality: 'Serial',
  vendorId: '046d',
  productId: 'c31c',
  manufacturer: 'Logitech',
  product: 'Keyboard',
  serialNumber: 'S1',
  busNumber: 1,
  deviceAddress: 4,
  portPath: '1',
  sysfsName: '1-1',
  interfaceClasses: ['03'],
  timestamp: 1_763_700_000_000,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
