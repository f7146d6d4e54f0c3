import { readFile } from 'node:fs/promises';
import { type PluginBundle, type PluginManifest, textDigest } from '@autoweave/crds';
import { Benches } from '@autoweave/runner/testing';
import { type DeviceInfo, definePlugin } from '@autoweave/sdk';
import { describe, expect, it } from 'vitest';
import { buildPluginManifest } from './build-plugin.ts';
import { examplePlugins, generatedPlugins, inventoryDirectory } from './example-plugins.ts';

describe('an example plugin', () => {
  it.each(examplePlugins)('%s has files that its manifest lists with their digests', async (directory) => {
    const { files = {} } = (await buildPluginManifest(directory)).spec.source;
    const { 'autoweave.plugin.json': json = '', ...others } = files;
    const manifest = JSON.parse(json) as PluginManifest;
    const digests = Object.entries(others).map(([path, text]) => [path, textDigest(text)]);
    expect(Object.fromEntries(digests)).toEqual(manifest.files);
    expect(Object.keys(others)).toContain(manifest.entry);
    for (const text of Object.values(others)) expect(text).not.toMatch(/\.ts'|: string\b|import type/);
  });

  it('is committed as it would be generated now', async () => {
    for (const { path, text } of await generatedPlugins()) {
      expect(await readFile(path, 'utf8'), `${path} is stale, run npm run generate`).toBe(text);
    }
  });
});

describe('device-inventory in its sandbox', { timeout: 30_000 }, () => {
  it('keeps a record of a device over events, and answers queries', async () => {
    const store = new Map<string, unknown>();
    const benches = new Benches();
    const bench = benches.create({
      request: async (capability, values) => {
        const [key, value] = values as [string, unknown];
        if (capability === 'store.set') store.set(key, value);
        return { value: capability === 'store.list' ? [...store.keys()] : store.get(key) };
      },
    });
    try {
      await bench.load(await bundle(inventoryDirectory));
      const device = { name: 'd', vendorId: '046d', interfaceClasses: ['03'], portPath: '1' } as unknown as DeviceInfo;
      const event = { id: 'n/e/1', action: 'attach', node: 'n', timestamp: 5, device };
      expect(await bench.call('onAttach', { subject: event })).toMatchObject({ category: 'input', timesSeen: 1 });
      const detached = await bench.call('onDetach', { subject: { ...event, id: 'n/e/2', action: 'detach' } });
      expect(detached).toMatchObject({ present: false, timesSeen: 1 });
      const summary = await bench.call('onJob', { subject: { payload: { query: 'summary' } } });
      expect(summary).toEqual({ known: 1, present: 0, categories: { input: 1 } });
    } finally {
      benches.stop();
    }
  });
});

/** As the operator resolves it from the object. */
async function bundle(directory: string): Promise<PluginBundle> {
  const { files = {} } = (await buildPluginManifest(directory)).spec.source;
  const { 'autoweave.plugin.json': json = '', ...others } = files;
  return { manifest: JSON.parse(json) as PluginManifest, files: others };
}

describe('@autoweave/sdk in an isolate', () => {
  it('exports at run time what the package exports', async () => {
    const inside: object = await import('@autoweave/runner/sdk');
    const outside: object = await import('@autoweave/sdk');
    expect(Object.keys(inside)).toEqual(Object.keys(outside));
    const plugin = { onJob: () => 1 };
    expect(definePlugin(plugin)).toBe(plugin);
  });
});
