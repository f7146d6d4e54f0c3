import { AutoWeaveError } from '@autoweave/platform/errors';
import { MetricsRegistry } from '@autoweave/platform/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PluginStore, RunnablePlugin, RunnerIdentity } from '../ports.ts';
import { bundleOf, patient, revisionOf, silent } from '../testing/executor-bench.ts';
import { KnownTokens, ScriptedRunner, type ScriptedRunnerOptions } from '../testing/scripted-runner.ts';
import { RunnerPluginRuntime } from './runner-plugin-runtime.ts';

const bundle = bundleOf('export default {}', { storage: { maxKeys: 5 } });
const stored: string[] = [];
const store: PluginStore = {
  get: async ({ namespace, name }, key) => JSON.stringify(`${namespace}/${name}/${key}`),
  set: async ({ namespace, name }, { key }) => stored.push(`${namespace}/${name}/${key}`) > 0,
  delete: async () => false,
  keys: async () => [],
};

let tokens: KnownTokens;
let runtime: RunnerPluginRuntime;
let port: number;

beforeEach(async () => {
  stored.length = 0;
  tokens = new KnownTokens();
  runtime = new RunnerPluginRuntime({
    pods: { host: '127.0.0.1', port: 0, authenticator: tokens },
    bundles: { fetch: async () => bundle },
    store,
    logger: silent,
    metrics: new MetricsRegistry(),
  });
  port = (await runtime.start()).port ?? 0;
});
afterEach(() => runtime.stop());

function thread(name = 'p', uid = 'u1'): RunnablePlugin {
  return { key: { namespace: 'ns', name }, revision: revisionOf(bundle, { uid }) };
}

function pod(name = 'p'): RunnablePlugin {
  return { key: { namespace: 'ns', name }, revision: revisionOf(bundle, { runtime: 'Pod' }) };
}

/** @returns what the hook returned, or the code of the failure. */
async function run(plugin: RunnablePlugin, jobId = 'j'): Promise<unknown> {
  try {
    return await runtime.call({ plugin, hook: 'onJob', argument: { jobId } });
  } catch (error) {
    return error instanceof AutoWeaveError ? error.code : error;
  }
}

let lastToken = 0;
/** A runner that was welcomed, and returns `name` from its hooks, or does something else. */
async function arrive(
  name: string,
  identity: Partial<RunnerIdentity> = {},
  onCall: ScriptedRunnerOptions['onCall'] = () => name,
): Promise<ScriptedRunner> {
  const token = `token-${(lastToken += 1)}`;
  tokens.identities.set(token, { namespace: 'ns', podUid: name, ...identity });
  return ScriptedRunner.arrive({ port, token, onCall });
}

const hang = (): Promise<unknown> => new Promise(() => undefined);

describe('runners that dial in', { timeout: 60_000 }, () => {
  it('are waited for', async () => {
    const answer = run(thread());
    await arrive('runner');
    expect(await answer).toBe('runner');
  });

  it('are not waited for without end, and briefly when they have been away for long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const [first, second] = [run(thread()), run(thread('q'))];
      await vi.advanceTimersByTimeAsync(15_000);
      expect([await first, await second]).toEqual(['AW_RUNNER_UNAVAILABLE', 'AW_RUNNER_UNAVAILABLE']);
      const late = run(thread());
      await vi.advanceTimersByTimeAsync(1_900);
      expect(await Promise.race([late, Promise.resolve('waits')])).toBe('waits');
      await vi.advanceTimersByTimeAsync(200);
      expect(await late).toBe('AW_RUNNER_UNAVAILABLE');
    } finally {
      vi.useRealTimers();
    }
  });

  it('serve their own namespace only', async () => {
    const other = await arrive('other', { namespace: 'other' });
    const answer = run(thread());
    const own = await arrive('own');
    expect(await answer).toBe('own');
    expect(other.types()).toEqual(['welcome']);
    expect(own.types()).toEqual(['welcome', 'load', 'call']);
  });

  it('never run a plugin that asks for a pod of its own, nor does its pod run others', async () => {
    const shared = await arrive('shared');
    const own = await arrive('own', { plugin: 'p' });
    const another = await arrive('another', { plugin: 'q' });
    expect([await run(pod('p')), await run(thread('p')), await run(pod('q'))]).toEqual(['own', 'shared', 'another']);
    expect(own.types()).toEqual(['welcome', 'load', 'call', 'unload']);
    expect(shared.types()).toEqual(['welcome', 'load', 'call']);
    expect(another.types()).toEqual(['welcome', 'load', 'call']);
  });

  it('speak for what they proved, whatever they say', async () => {
    const own = await arrive('own', { plugin: 'p' });
    await run(pod());
    const victim = { namespace: 'victims', name: 'victim' };
    own.send({ type: 'request', id: '1', plugin: victim, capability: 'store.set', arguments: ['k', 1] });
    await own.has('response');
    expect(stored).toEqual(['ns/p/k']);
    const shared = await arrive('shared');
    await run(thread('t'));
    shared.send({ type: 'request', id: '1', plugin: victim, capability: 'store.get', arguments: ['k'] });
    await shared.has('response');
    expect(shared.received.at(-1)).toMatchObject({ error: { code: 'AW_PERMISSION_DENIED' } });
  });

  it('run again what ran when they went, and load again', async () => {
    const first = await arrive('first', {}, hang);
    const answer = run(thread());
    await first.has('call');
    first.hangUp();
    const second = await arrive('second');
    expect(await answer).toBe('second');
    expect(second.types()).toEqual(['welcome', 'load', 'call']);
  });

  it('fail a call that ended them twice', async () => {
    const first = await arrive('first', {}, (_, runner) => runner.hangUp());
    const answer = run(thread());
    await first.has('call');
    await arrive('second', {}, (_, runner) => runner.hangUp());
    expect(await answer).toBe('AW_PLUGIN_ENDED');
  });

  it('hand over to a newer one: the older ends what it runs, is emptied, and takes over again', async () => {
    const gate = Promise.withResolvers<string>();
    const older = await arrive('older', {}, () => gate.promise);
    const slow = run(thread('slow'));
    await older.has('call');
    const newer = await arrive('newer');
    expect(await run(thread('quick'))).toBe('newer');
    expect(older.types()).toEqual(['welcome', 'load', 'call']);
    gate.resolve('older after all');
    expect(await slow).toBe('older after all');
    await older.has('unload');
    newer.hangUp();
    await expect.poll(() => run(thread('quick')), patient).toBe('older after all');
  });

  it('get no more calls once they say that they leave', async () => {
    const gate = Promise.withResolvers<string>();
    const leaving = await arrive('leaving', {}, () => gate.promise);
    const last = run(thread('slow'));
    await leaving.has('call');
    leaving.send({ type: 'leaving' });
    leaving.send({ type: 'request', id: '1', plugin: thread().key, capability: 'store.list', arguments: [] });
    await leaving.has('response');
    const answer = run(thread('quick'));
    await arrive('next');
    expect(await answer).toBe('next');
    gate.resolve('done');
    expect(await last).toBe('done');
  });

  it('replace their own connection at once, also when nobody noticed its end', async () => {
    const before = await arrive('pod-1', {}, hang);
    const answer = run(thread());
    await before.has('call');
    await arrive('pod-1');
    expect(await answer).toBe('pod-1');
    await expect.poll(() => before.isOpen, patient).toBe(false);
  });

  it('are told to unload what an earlier executor loaded', async () => {
    const runner = await arrive('runner');
    await runtime.unload(thread());
    expect(runner.types()).toEqual(['welcome', 'unload']);
  });

  it('load again when the plugin was made anew, though its bundle is the same', async () => {
    const runner = await arrive('runner');
    await run(thread('p', 'u1'));
    await run(thread('p', 'u1'));
    await run(thread('p', 'u2'));
    expect(runner.types()).toEqual(['welcome', 'load', 'call', 'call', 'load', 'call']);
  });

  it('keep their place while new ones cannot be checked', async () => {
    await arrive('runner');
    tokens.failure = new AutoWeaveError('AW_KUBE_UNREACHABLE', 'the API server is away');
    const refused = await ScriptedRunner.dial({ port, token: 'token' });
    await refused.has('refused');
    expect(refused.received).toMatchObject([{ error: { code: 'AW_KUBE_UNREACHABLE' } }]);
    expect(await run(thread())).toBe('runner');
  });

  it('that ask for everything at once get everything in the end', async () => {
    const runner = await arrive('runner');
    await run(thread());
    const requests = Array.from({ length: 2000 }, (_, id) => ({
      type: 'request' as const,
      id: String(id),
      plugin: thread().key,
      capability: 'store.get' as const,
      arguments: ['k'],
    }));
    runner.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    await expect.poll(() => runner.types().filter((type) => type === 'response').length, patient).toBe(2000);
    expect(await run(thread())).toBe('runner');
  });

  it('that answer what nobody asked change nothing', async () => {
    const runner = await arrive('runner');
    runner.send({ type: 'result', id: '77', value: 'surprise' });
    expect(await run(thread())).toBe('runner');
  });

  it('are let go when the executor stops, and who waits is told', async () => {
    const answer = run(thread());
    await runtime.stop();
    expect(await answer).toBe('AW_PLUGIN_ENDED');
  });
});
