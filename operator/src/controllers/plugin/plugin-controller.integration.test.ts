import { canonicalBundle, resources, textDigest } from '@autoweave/crds';
import { type ControlPlane, startControlPlane } from '@autoweave/hack/testing';
import { KubeClient, loadClusterAccess } from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { patience, pluginName, type PluginWorld, startPluginController } from './testing/plugin-world.ts';
import { sampleFiles } from './testing/sample-plugin.ts';

// The policy of a cluster is one object: these tests have a cluster of their own.
let plane: ControlPlane;
let client: KubeClient;
let tests = 0;

beforeAll(async () => {
  plane = await startControlPlane();
  client = new KubeClient(await loadClusterAccess({ kubeconfigPath: plane.kubeconfigPath }));
}, 120_000);

afterAll(async () => {
  client?.close();
  await plane?.stop();
});

describe('the plugin controller', () => {
  it('brings a plugin to every executor', async () => {
    const world = await startedController();
    await world.allow('*');
    await world.create();
    await vi.waitFor(async () => expect(await world.standing()).toBe('Loading NoExecutor'), patience);

    world.ports.executorStarts('a');
    world.ports.executorStarts('b');
    world.enqueue();
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['load a', 'load b']), patience);
    expect(await world.standing()).toBe('Loading Loading');

    world.ports.endJobs();
    world.enqueue();
    await vi.waitFor(async () => expect(await world.standing()).toBe('Running Running'), patience);
    const { bundle, limits, observedGeneration, workers } = (await world.plugin()).status ?? {};
    expect(workers).toMatchObject([
      { node: 'a', instance: 'a-1', state: 'Loaded' },
      { node: 'b', instance: 'b-1', state: 'Loaded' },
    ]);
    expect(observedGeneration).toBe(1);
    const [job] = world.ports.jobs.values();
    expect(job?.revision).toEqual({
      uid: (await world.plugin()).metadata.uid,
      runtime: 'Thread',
      bundleDigest: bundle?.digest,
      ...limits,
    });
    const published = world.ports.published.get(bundle?.digest ?? '') ?? '';
    expect(textDigest(published)).toBe(bundle?.digest);
    expect(canonicalBundle(JSON.parse(published))).toBe(published);
    await vi.waitFor(async () => expect(await world.events()).toEqual(['Running']), patience);
  });

  it('loads again where the executor is another, and nowhere else', async () => {
    const world = await runningPlugin();
    world.ports.executorStarts('a', 'a-2');
    world.enqueue();
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['load a']), patience);
    expect(world.ports.jobs.size).toBe(3);
  });

  it('loads the new revision when the source changes', async () => {
    const world = await runningPlugin();
    const before = (await world.plugin()).status?.bundle;
    await world.apply({ source: { files: sampleFiles({ version: '2.0.0' }, 'export default { onAttach() {} };\n') } });
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['load a', 'load b']), patience);
    world.ports.endJobs();
    world.enqueue();
    await vi.waitFor(async () => expect(await world.standing()).toBe('Running Running'), patience);

    const after = (await world.plugin()).status?.bundle;
    expect(after).toMatchObject({ name: pluginName, version: '2.0.0' });
    expect(after?.digest).not.toBe(before?.digest);
  });

  it('takes the files from a ConfigMap, once there is one', async () => {
    const world = await startedController();
    await world.allow('*');
    await world.create({ source: { configMapRef: { name: 'files' } } });
    await vi.waitFor(async () => expect(await world.standing()).toBe('Discovery SourceNotFound'), patience);
    expect(await world.message()).toContain(`there is no ConfigMap files in namespace ${world.namespace}`);

    await world.createConfigMap('files', sampleFiles());
    world.ports.executorStarts('a');
    world.enqueue();
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['load a']), patience);
  });

  it('refuses what is wrong, says why, and unloads what ran', async () => {
    const world = await runningPlugin();
    await world.apply({ source: { files: { ...sampleFiles(), 'index.js': 'changed' } } });
    await vi.waitFor(async () => expect(await world.standing()).toBe('Rejected DigestMismatch'), patience);
    expect(await world.message()).toMatch(/^AW_DIGEST_MISMATCH: index.js has sha256:\w+, the manifest lists/);
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['unload a', 'unload b']), patience);

    await world.apply({ source: { files: sampleFiles() } });
    await vi.waitFor(async () => expect(await world.standing()).toBe('Loading Loading'), patience);
    await vi.waitFor(async () => expect(await world.events()).toContain('DigestMismatch'), patience);
  });

  it('runs only what the policy allows, from when it does until it no longer does', async () => {
    const world = await startedController();
    await world.allow('elsewhere');
    world.ports.executorStarts('a');
    await world.create();
    await vi.waitFor(async () => expect(await world.standing()).toBe('Rejected PluginNotPermitted'), patience);
    expect(world.ports.jobs.size).toBe(0);
    expect((await world.plugin()).status).not.toHaveProperty('permissions');

    await world.allow(world.namespace);
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['load a']), patience);
    world.ports.endJobs();
    world.enqueue();
    await vi.waitFor(async () => expect(await world.standing()).toBe('Running Running'), patience);

    await world.allow('elsewhere');
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['unload a']), patience);
    expect(await world.standing()).toBe('Rejected PluginNotPermitted');
  });

  it('says why a plugin cannot be loaded', async () => {
    const world = await startedController();
    await world.allow('*');
    world.ports.executorStarts('a');
    await world.create();
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['load a']), patience);
    world.ports.endJobs({ state: 'Failed', code: 'AW_PLUGIN_LOAD_FAILED', message: 'SyntaxError: Unexpected token' });
    world.enqueue();

    await vi.waitFor(async () => expect(await world.standing()).toBe('Failed PluginLoadFailed'), patience);
    expect(await world.message()).toContain('node a: SyntaxError: Unexpected token');
    await vi.waitFor(async () => expect(await world.events()).toEqual(['PluginLoadFailed']), patience);
  });

  it('unloads a suspended plugin, and loads it again', async () => {
    const world = await runningPlugin();
    await world.apply({ suspend: true });
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['unload a', 'unload b']), patience);
    expect(await world.standing()).toBe('Stopping Suspended');
    world.ports.endJobs();
    world.enqueue();
    await vi.waitFor(async () => expect(await world.standing()).toBe('Stopped Suspended'), patience);

    await world.apply({ suspend: false });
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['load a', 'load b']), patience);
  });

  it('unloads a plugin that was deleted', async () => {
    const world = await runningPlugin();
    await client.delete(resources.autoWeavePlugin, { name: pluginName, namespace: world.namespace });
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['unload a', 'unload b']), patience);
  });

  it('shows the results', async () => {
    const world = await runningPlugin();
    const last = [...world.ports.ended.values()].slice(0, 1);
    world.ports.pluginResult = { succeeded: 7, failed: 2, last };
    world.enqueue();
    await vi.waitFor(async () => {
      expect((await world.plugin()).status?.results).toMatchObject({ succeeded: 7, failed: 2, last: [{ node: 'a' }] });
    }, patience);
  });

  it('writes results at most once a second, and nothing when nothing changed', async () => {
    const world = await runningPlugin();
    const versions = new Set<string | undefined>();
    const endsAt = Date.now() + 2500;
    for (let succeeded = 1; Date.now() < endsAt; succeeded += 1) {
      world.ports.pluginResult = { ...world.ports.pluginResult, succeeded };
      world.enqueue();
      versions.add((await world.plugin()).metadata.resourceVersion);
    }
    await vi.waitFor(async () => {
      expect((await world.plugin()).status?.results?.succeeded).toBe(world.ports.pluginResult.succeeded);
    }, patience);
    expect(versions.size).toBeLessThanOrEqual(5);

    const { resourceVersion } = (await world.plugin()).metadata;
    await world.pass();
    expect((await world.plugin()).metadata.resourceVersion).toBe(resourceVersion);
  });

  it('says what is wrong with a spec even while Redis is away', async () => {
    const world = await startedController();
    world.ports.error = new Error('connect ECONNREFUSED 127.0.0.1:6379');
    await world.allow('*');
    await world.create({ source: { files: { ...sampleFiles(), 'index.js': 'changed' } } });
    await vi.waitFor(async () => expect(await world.standing()).toBe('Rejected DigestMismatch'), patience);

    await world.apply({ source: { files: sampleFiles() } });
    await vi.waitFor(async () => expect(await world.standing()).toBe('Loading RedisUnreachable'), patience);
    world.ports.error = undefined;
    world.ports.executorStarts('a');
    await vi.waitFor(() => expect(world.ports.openJobs()).toEqual(['load a']), patience);
  });
});

/** In a namespace of its own. */
function startedController(): Promise<PluginWorld> {
  return startPluginController(client, `plugin-controller-${++tests}`);
}

/** At the executors `a` and `b`. */
async function runningPlugin(): Promise<PluginWorld> {
  const world = await startedController();
  await world.allow('*');
  world.ports.executorStarts('a');
  world.ports.executorStarts('b');
  await world.create();
  await vi.waitFor(() => expect(world.ports.openJobs()).toHaveLength(2), patience);
  world.ports.endJobs();
  world.enqueue();
  await vi.waitFor(async () => expect(await world.standing()).toBe('Running Running'), patience);
  return world;
}
