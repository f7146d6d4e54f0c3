import type { PluginBundle, PluginKey, PluginPermissions } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { afterEach, describe, expect, it } from 'vitest';
import type { PluginStore, RunnablePlugin } from '../ports.ts';
import { bundleOf, type RuntimeBench, revisionOf, startRuntime } from '../testing/executor-bench.ts';

/** In memory; the real one is tested against Redis. */
class MemoryStore implements PluginStore {
  readonly entries = new Map<string, string>();
  #id = ({ namespace, name }: PluginKey, key: string): string => `${namespace}/${name}/${key}`;
  get = async (plugin: PluginKey, key: string) => this.entries.get(this.#id(plugin, key));
  delete = async (plugin: PluginKey, key: string) => this.entries.delete(this.#id(plugin, key));
  keys = async () => [...this.entries.keys()];
  set = async (plugin: PluginKey, { key, value }: { key: string; value: string }, maxKeys: number) => {
    if (this.entries.size >= maxKeys) return false;
    this.entries.set(this.#id(plugin, key), value);
    return true;
  };
}

const benches: RuntimeBench[] = [];
afterEach(async () => {
  for (const { runtime } of benches.splice(0)) await runtime.stop();
});

class World {
  readonly bundles = new Map<string, PluginBundle>();
  readonly store = new MemoryStore();
  bench!: RuntimeBench;

  static async start(): Promise<World> {
    const world = new World();
    const fetch = async (digest: string): Promise<PluginBundle> => {
      const bundle = world.bundles.get(digest);
      if (bundle === undefined) throw new AutoWeaveError('AW_BUNDLE_MISSING', digest);
      return bundle;
    };
    world.bench = await startRuntime({ fetch }, world.store);
    benches.push(world.bench);
    return world;
  }

  plugin(
    name: string,
    source: string,
    options: { memory?: number; seconds?: number; permissions?: PluginPermissions } = {},
  ): RunnablePlugin {
    const { memory: memoryMegabytes = 32, seconds: timeoutSeconds = 10, permissions } = options;
    const bundle = bundleOf(source, permissions);
    const revision = revisionOf(bundle, { memoryMegabytes, timeoutSeconds });
    this.bundles.set(revision.bundleDigest, bundle);
    return { key: { namespace: 'ns', name }, revision };
  }

  /** @returns the answer, or the code of the failure. */
  async run(plugin: RunnablePlugin, payload: unknown = null): Promise<unknown> {
    try {
      return await this.bench.runtime.call({ plugin, hook: 'onJob', argument: { jobId: 'j', payload } });
    } catch (error) {
      return error instanceof AutoWeaveError ? error.code : error;
    }
  }
}

const onJob = (body: string): string => `export default { async onJob(job, context) { ${body} } };`;
const echo = onJob('return job.payload;');

describe('the runtime of plugins', { timeout: 60_000 }, () => {
  it('loads what a call needs, answers, and keeps the plugin loaded', async () => {
    const world = await World.start();
    const counter = world.plugin('counter', `let n = 0; ${onJob('return ++n;')}`);
    expect([await world.run(counter), await world.run(counter)]).toEqual([1, 2]);
    expect(world.bench.launcher.processes).toHaveLength(1);
  });

  it('replaces a plugin by its new revision', async () => {
    const world = await World.start();
    expect(await world.run(world.plugin('p', onJob('return 1')))).toBe(1);
    expect(await world.run(world.plugin('p', onJob('return 2')))).toBe(2);
  });

  it('gives a hook the event, the device and the deadline in the shapes of the SDK', async () => {
    const world = await World.start();
    const plugin = world.plugin(
      'p',
      `export default { onAttach: (event, { jobId, device, deadline }) =>
      [event.id, event.device.name, event.device === device, jobId, device.interfaceClasses, deadline > Date.now()] };`,
    );
    const answer = world.bench.runtime.call({
      plugin,
      hook: 'onAttach',
      argument: { jobId: 'j1', event: sampleEvent },
    });
    expect(await answer).toEqual(['n1/0123456789ab/1', '046d-c31c-00112233aabbccdd', false, 'j1', ['03'], true]);
  });

  it.each<[string, string, string, number?]>([
    ['spins', onJob('for (;;);'), 'AW_PLUGIN_TIMEOUT'],
    ['never answers', onJob('await new Promise(() => {});'), 'AW_PLUGIN_TIMEOUT'],
    ['eats memory', onJob('const a = []; for (;;) a.push("x" + a.length);'), 'AW_PLUGIN_OUT_OF_MEMORY'],
    ['throws', onJob('throw new Error("boo")'), 'AW_PLUGIN_THREW'],
    ['returns too much', onJob('return "ü".repeat(15_000)'), 'AW_RESULT_TOO_LARGE'],
    ['throws at load', 'throw new Error("boo"); export default {};', 'AW_PLUGIN_LOAD_FAILED'],
    ['spins at load', 'for (;;); export default {};', 'AW_PLUGIN_TIMEOUT'],
    ['floods the log', onJob('for (;;) console.log("x".repeat(1e5));'), 'AW_PLUGIN_TIMEOUT'],
    // Memory outside the heap of the isolate: the guard of the process.
    ['rejects promises for ever', onJob('for (;;) Promise.reject(1);'), 'AW_PLUGIN_OUT_OF_MEMORY', 30],
    // An allocation that V8 does not survive: the runner aborts.
    ['allocates one huge array', onJob('return new Array(2 ** 27).fill({}).length;'), 'AW_PLUGIN_OUT_OF_MEMORY', 30],
  ])('ends a plugin that %s with its code, and its neighbours notice nothing', async (_, source, code, seconds = 2) => {
    const world = await World.start();
    const hostile = world.plugin('hostile', source, { memory: 16, seconds });
    const neighbours = ['a', 'b'].map((name) => world.plugin(name, echo));
    for (const neighbour of neighbours) await world.run(neighbour);

    const hunt = { ended: false };
    const end = world.run(hostile).finally(() => (hunt.ended = true));
    for (let n = 0; n < 20 || !hunt.ended; n += 1) {
      const answers = await Promise.all(neighbours.map((neighbour) => world.run(neighbour, { n })));
      expect(answers).toEqual([{ n }, { n }]);
    }
    // One that kills its runner has to do it twice, until nobody else can have been it.
    expect(await end).toBe(code);
    if (code !== 'AW_PLUGIN_LOAD_FAILED') expect(await world.run(hostile)).toBe(code);
    expect(await world.run(world.plugin('hostile', echo), 'again')).toBe('again');
  });

  it('starts a plugin again that was ended', async () => {
    const world = await World.start();
    const plugin = world.plugin('p', onJob('if (job.payload) for (;;); return "well"'), { seconds: 1 });
    expect(await world.run(plugin, true)).toBe('AW_PLUGIN_TIMEOUT');
    expect(await world.run(plugin, false)).toBe('well');
    expect(world.bench.launcher.processes).toHaveLength(1);
  });

  it('starts the runner again after a kill, and what ran runs again', async () => {
    const world = await World.start();
    const body = `await context.store.set('started' + job.payload, 1); return await context.store.get('go' + job.payload)
      ?? new Promise(() => {})`;
    const plugins = ['a', 'b'].map((name) =>
      world.plugin(name, onJob(body), { permissions: { storage: { maxKeys: 9 } } }),
    );
    const answers = plugins.map((plugin, index) => world.run(plugin, index));
    await expect.poll(() => world.store.entries.size, { timeout: 20_000 }).toBe(2);
    world.store.entries.set('ns/a/go0', '"a"').set('ns/b/go1', '"b"');
    world.bench.launcher.killLatest();
    expect(await Promise.all(answers)).toEqual(['a', 'b']);
    expect(world.bench.launcher.processes).toHaveLength(2);
  });

  it('denies the store to a plugin whose manifest does not ask for it', async () => {
    const world = await World.start();
    const source = onJob('await context.store.set("k", 1)');
    expect(await world.run(world.plugin('p', source))).toBe('AW_PERMISSION_DENIED');
    expect(world.store.entries.size).toBe(0);
    expect(world.bench.metrics.render()).toContain(
      'autoweave_executor_capability_calls_total{capability="store.set",outcome="denied"} 1',
    );
  });

  it.each([
    ['a third key', 'for (const key of ["a", "b", "c"]) await context.store.set(key, 1)'],
    ['a value over 16 KiB', 'await context.store.set("a", "ü".repeat(9_000))'],
    ['a key over 256 characters', 'await context.store.set("k".repeat(257), 1)'],
    ['no key', 'await context.store.get("")'],
  ])('refuses to store %s', async (_, body) => {
    const world = await World.start();
    const permissions = { storage: { maxKeys: 2 } };
    expect(await world.run(world.plugin('p', onJob(body), { permissions }))).toBe('AW_STORE_FULL');
  });

  it('unloads, and ends the runner with its last plugin', async () => {
    const world = await World.start();
    const stop = `onStop: async ({ store }) => { await store.set('stopped', 1) }`;
    const plugin = world.plugin('p', `export default { onJob: () => 1, ${stop} };`, {
      permissions: { storage: { maxKeys: 1 } },
    });
    await world.run(plugin);
    await world.bench.runtime.unload(plugin);
    await world.bench.runtime.unload(plugin);
    expect([...world.store.entries.keys()]).toEqual(['ns/p/stopped']);
    await world.bench.launcher.processes[0]?.ended;
    expect(await world.run(plugin)).toBe(1);
  });
});

const sampleEvent = {
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
} as const;
