import type { ExecutorMessage, RunnerMessage } from '@autoweave/crds';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Relay } from './relay.ts';
import { call, isQuestion, load, plugin, RelayModel, relaySteps, unload } from './testing/relay-model.ts';

/** Both ends of a relay, and what they heard. */
class World {
  readonly plugin: ExecutorMessage[] = [];
  readonly executor: RunnerMessage[] = [];
  cut: string | undefined;
  readonly relay = new Relay({
    toPlugin: (message) => this.plugin.push(message),
    toExecutor: (message) => this.executor.push(message),
    cutPlugin: (reason) => (this.cut = reason),
  });

  static connected(): World {
    const world = new World();
    world.relay.executorCame();
    return world;
  }

  /** The plugin answers its latest question. */
  answer(answer: { value?: unknown; error?: { code: string; message: string } } = {}): void {
    this.relay.fromPlugin({ type: 'result', id: this.asked, ...answer });
  }

  get asked(): string {
    const [question] = this.plugin.filter(isQuestion).toReversed();
    return question?.id ?? 'nothing';
  }
}

describe('a relay', () => {
  it('asks one thing at a time, and tells the answers under the ids of the executor', () => {
    const world = World.connected();
    for (const order of [load('7'), call('8'), call('9')]) world.relay.fromExecutor(order);
    expect(world.plugin).toHaveLength(1);
    world.answer();
    world.answer({ value: 'first' });
    world.answer({ error: { code: 'AW_PLUGIN_THREW', message: 'no' } });
    expect(world.executor).toEqual([
      { type: 'result', id: '7' },
      { type: 'result', id: '8', value: 'first' },
      { type: 'result', id: '9', error: { code: 'AW_PLUGIN_THREW', message: 'no' } },
    ]);
  });

  it('answers a load for the plugin that has loaded that already, for any executor', () => {
    const world = World.connected();
    world.relay.fromExecutor(load('1'));
    world.answer();
    world.relay.executorWent();
    world.relay.executorCame();
    world.relay.fromExecutor(load('1'));
    expect(world.plugin).toHaveLength(1);
    world.relay.fromExecutor(load('2', 'another uid'));
    expect(world.plugin).toHaveLength(2);
  });

  it('never tells an executor the answer that another one asked for', () => {
    const world = World.connected();
    world.relay.fromExecutor(load('1'));
    world.answer();
    world.relay.fromExecutor(call('2'));
    world.relay.executorWent();
    world.relay.executorCame();
    world.relay.fromExecutor(load('1'));
    world.relay.fromExecutor(call('2'));
    world.answer({ value: 'for nobody' });
    expect(world.executor).toEqual([
      { type: 'result', id: '1' },
      { type: 'result', id: '1' },
    ]);
    world.answer({ value: 'for the second' });
    expect(world.executor.at(-1)).toEqual({ type: 'result', id: '2', value: 'for the second' });
  });

  it('answers the requests of the plugin itself when the executor went, and while it is away', () => {
    const world = World.connected();
    const request = { type: 'request', plugin, capability: 'store.get', arguments: ['k'] } as const;
    world.relay.fromPlugin({ ...request, id: 'a' });
    world.relay.executorWent();
    world.relay.fromPlugin({ ...request, id: 'b' });
    expect(world.plugin).toMatchObject([
      { id: 'a', error: { code: 'AW_REDIS_UNREACHABLE' } },
      { id: 'b', error: { code: 'AW_REDIS_UNREACHABLE' } },
    ]);
    world.relay.executorCame();
    world.relay.fromExecutor({ type: 'response', id: 'a', value: 'late' });
    expect(world.plugin).toHaveLength(2);
  });

  it.each<[string, RunnerMessage]>([
    ['answers what was not asked', { type: 'result', id: '77' }],
    ['says hello again', { type: 'hello', version: 1 }],
  ])('cuts off a plugin that %s', (_, message) => {
    const world = World.connected();
    world.relay.fromExecutor(load('1'));
    world.relay.fromPlugin(message);
    expect(world.cut).toContain('AW_PROTOCOL_VIOLATION');
    world.answer();
    expect(world.executor).toEqual([]);
  });

  it('cuts off a plugin that answers twice, or asks without end', () => {
    const twice = World.connected();
    twice.relay.fromExecutor(load('1'));
    twice.answer();
    twice.answer();
    expect(twice.cut).toContain('not asked');
    const endless = World.connected();
    const request = { type: 'request', plugin, capability: 'store.list', arguments: [] } as const;
    for (let id = 0; id < 300; id += 1) endless.relay.fromPlugin({ ...request, id: String(id) });
    expect(endless.cut).toContain('too many');
    expect(endless.executor).toHaveLength(256);
  });

  it('refuses calls of what is not loaded, and unloads it at once', () => {
    const world = World.connected();
    world.relay.fromExecutor(call('1'));
    world.relay.fromExecutor(unload('2'));
    expect(world.plugin).toEqual([]);
    expect(world.executor).toMatchObject([{ id: '1', error: { code: 'AW_PLUGIN_ENDED' } }, { id: '2' }]);
  });
});

describe('a relay, as time passes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('ends a hook at its deadline, and cuts the plugin off', () => {
    const world = World.connected();
    world.relay.fromExecutor(load('1'));
    world.answer();
    world.relay.fromExecutor(call('2'));
    vi.advanceTimersByTime(12_999);
    expect(world.cut).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(world.cut).toBe('it did not answer before its deadline');
    expect(world.executor.slice(1)).toMatchObject([
      { type: 'ended', error: { code: 'AW_PLUGIN_TIMEOUT' } },
      { type: 'result', id: '2', error: { code: 'AW_PLUGIN_TIMEOUT' } },
    ]);
  });

  it('lets a hook end and unloads when the pod ends', async () => {
    const world = World.connected();
    world.relay.fromExecutor(load('1'));
    world.answer();
    world.relay.fromExecutor(call('2'));
    const left = world.relay.leave();
    expect(world.executor.at(-1)).toEqual({ type: 'leaving' });
    world.answer({ value: 'done' });
    await vi.advanceTimersByTimeAsync(0);
    expect(world.plugin.at(-1)).toMatchObject({ type: 'unload' });
    world.answer();
    await left;
    expect(world.executor.at(-1)).toEqual({ type: 'result', id: '2', value: 'done' });
  });
});

describe('a relay between ends that do anything in any order', () => {
  it('keeps its promises to both', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...relaySteps), { maxLength: 60, size: 'max' }), (steps) => {
        const model = new RelayModel();
        for (const step of steps) model.take(step);
        expect(model.finish()).toEqual({ unanswered: [], busy: false });
      }),
      { numRuns: 500 },
    );
  });
});
