import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { patient } from './testing/executor-bench.ts';
import { freePort, isolatePlugin, probe } from './testing/pod-plugins.ts';
import { hostOf, RunnerBench } from './testing/runner-bench.ts';

let bench: RunnerBench;
beforeEach(async () => {
  bench = await RunnerBench.start(inject('kubeconfigPath'));
});
afterEach(() => bench.stop());

describe('the runner pod of a namespace', { timeout: 120_000 }, () => {
  it('keeps what plugins hold in memory while its executor is replaced', async () => {
    await bench.namespaceRunner();
    const counter = isolatePlugin(bench, 'Thread');
    expect([await bench.run(counter), await bench.run(counter)]).toEqual([1, 2]);
    await bench.stopExecutor();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await bench.startExecutor();
    expect(await bench.run(counter)).toBe(3);
  });

  it('runs a hook again that ran when its executor went, after the one that still runs', async () => {
    await bench.namespaceRunner();
    const counter = isolatePlugin(bench, 'Thread');
    const lost = bench.run(counter, 'wait');
    await expect.poll(() => bench.store.entries.size, patient).toBe(1);
    await bench.stopExecutor();
    expect(await lost).toBe('AW_PLUGIN_ENDED');
    await bench.startExecutor();
    expect(await bench.run(counter)).toBe(2);
  });

  it('is back at once when its host died, and what ran runs again', async () => {
    const container = await bench.namespaceRunner();
    const counter = isolatePlugin(bench, 'Thread');
    await bench.run(counter);
    const running = bench.run(counter, 'wait');
    await expect.poll(() => bench.store.entries.size, patient).toBe(1);
    const host = await hostOf(container);
    process.kill(host, 'SIGKILL');
    bench.store.entries.clear();
    await expect.poll(() => bench.store.entries.size, patient).toBe(1);
    expect(await hostOf(container)).not.toBe(host);
    expect(container.process.exitCode).toBeNull();
    expect(await running).toBe('AW_PLUGIN_TIMEOUT');
  });

  it('ends in order: a hook that runs is answered, onStop runs', async () => {
    const container = await bench.namespaceRunner();
    const source = `export default {
      onJob: async (job, { store }) => { await store.set('running', 1); while (!(await store.get('go'))); return 'done' },
      onStop: ({ store }) => store.set('stopped', 1) };`;
    const slow = isolatePlugin(bench, 'Thread', source);
    const running = bench.run(slow);
    await expect.poll(() => bench.store.entries.size, patient).toBe(1);
    container.process.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 500));
    bench.store.entries.set(`${bench.pods.namespace}/p/go`, 'true');
    expect(await running).toBe('done');
    expect(await container.ended).toBe('exit code 0');
    expect([...bench.store.entries.keys()]).toContain(`${bench.pods.namespace}/p/stopped`);
  });
});

describe('the pod of a plugin', { timeout: 120_000 }, () => {
  it('runs a bundle in an isolate behind the sidecar, and keeps it while the executor is replaced', async () => {
    await bench.sidecar();
    const container = bench.plugin();
    const counter = isolatePlugin(bench, 'Pod');
    expect([await bench.run(counter), await bench.run(counter)]).toEqual([1, 2]);
    await bench.stopExecutor();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await bench.startExecutor();
    expect(await bench.run(counter)).toBe(3);
    process.kill(await hostOf(container), 'SIGKILL');
    await expect.poll(() => bench.run(counter), patient).toBe(1);
  });

  it('keeps the plugin while the sidecar is replaced', async () => {
    const sidecar = await bench.sidecar();
    bench.plugin();
    const counter = isolatePlugin(bench, 'Pod');
    expect(await bench.run(counter)).toBe(1);
    sidecar.process.kill('SIGKILL');
    await sidecar.ended;
    await bench.sidecar();
    expect(await bench.run(counter)).toBe(2);
  });

  it('tells the kubelet what is ready', async () => {
    const port = await freePort();
    const sidecar = await bench.sidecar(port);
    await expect.poll(() => probe(port, '/healthz'), patient).toBe('200 ok');
    expect(await probe(port, '/readyz')).toBe('503 no plugin is connected');
    bench.plugin();
    await expect.poll(() => probe(port, '/readyz'), patient).toBe('200 ok');
    await bench.stopExecutor();
    await expect.poll(() => probe(port, '/readyz'), patient).toBe('503 the executor of this node is not connected');
    expect(await probe(port, '/plugin')).toBe('200 ok');
    sidecar.process.kill('SIGTERM');
    expect(await sidecar.ended).toBe('exit code 0');
  });
});

describe('a plugin container that breaks the protocol', { timeout: 120_000 }, () => {
  it.each([
    ['speaks rubbish', `socket.write('GET / HTTP/1.1\\n')`],
    ['says hello twice', `socket.write(hello + hello)`],
    ['answers what nobody asked', `socket.write(hello + '{"type":"result","id":"1"}\\n')`],
    ['says a line without end', `socket.write(hello + 'x'.repeat(1100000))`],
    ['nests without end', `socket.write(hello + '{"type":"result","id":"1","value":' + '['.repeat(500000) + '\\n')`],
    ['says nothing', ``],
    ['answers no ping', `socket.write(hello)`],
  ])('is hung up on when it %s, and the next one is served', async (_, code) => {
    await bench.sidecar();
    expect(await bench.stranger(code).ended).toBe('exit code 7');
    bench.plugin();
    expect(await bench.run(isolatePlugin(bench, 'Pod'))).toBe(1);
  });

  it('cannot take the place of one that is there', async () => {
    await bench.sidecar();
    bench.plugin();
    expect(await bench.run(isolatePlugin(bench, 'Pod'))).toBe(1);
    expect(await bench.stranger('socket.write(hello)').ended).toBe('exit code 7');
    expect(await bench.run(isolatePlugin(bench, 'Pod'))).toBe(2);
  });

  it('and floods its sidecar is slowed down, not served for ever, and harms no others', async () => {
    await bench.namespaceRunner();
    await bench.sidecar();
    const flood = bench.stranger(`socket.write(hello);
      const line = '{"type":"log","plugin":{"namespace":"n","name":"p"},"level":"info","message":"' + 'x'.repeat(9000) + '"}\\n';
      const pour = () => { while (socket.write(line)); socket.once('drain', pour); };
      pour();`);
    const counter = isolatePlugin(bench, 'Thread');
    for (let n = 1; n <= 20; n += 1) expect(await bench.run(counter)).toBe(n);
    expect(flood.process.exitCode).toBeNull();
  });
});
