import { afterAll, describe, expect, it } from 'vitest';
import { Benches, bundleOf } from '../testing/sandbox-bench.ts';

const benches = new Benches();
afterAll(() => benches.stop());

const brief = { timeoutMilliseconds: 300 };

describe('loading a plugin', { timeout: 30_000 }, () => {
  it('imports files of the bundle and @autoweave/sdk', async () => {
    const bench = benches.create();
    await bench.load(
      bundleOf({
        'index.js': `import { definePlugin } from '@autoweave/sdk';
          import { double } from './lib/double.js';
          export default definePlugin({ onJob: ({ payload }) => double(payload) });`,
        'lib/double.js': `import { two } from '../two.js'; export const double = (n) => n * two;`,
        'two.js': 'export const two = 2;',
      }),
    );
    expect(await bench.call('onJob', { subject: { payload: 21 } })).toBe(42);
  });

  it.each([
    ['node:fs', 'imports "node:fs"'],
    ['fs', 'imports "fs"'],
    ['../outside.js', 'imports "../outside.js"'],
    ['/etc/passwd', 'imports "/etc/passwd"'],
    ['file:///etc/passwd', 'imports "file:///etc/passwd"'],
    ['./toString', 'imports "./toString"'],
    ['isolated-vm', 'imports "isolated-vm"'],
    ['./bootstrap.ts', 'imports "./bootstrap.ts"'],
  ])('refuses to import %s', async (specifier, message) => {
    const loading = benches.create().load(bundleOf(`import '${specifier}'; export default {};`));
    await expect(loading).rejects.toMatchObject({
      code: 'AW_PLUGIN_LOAD_FAILED',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['a module that throws', `throw new Error('no luck'); export default {};`, 'Error: no luck, at index.js:1'],
    ['a syntax error', 'export default {', 'SyntaxError'],
    ['a rejected top-level await', `await Promise.reject(new Error('later')); export default {};`, 'later'],
    ['a top-level await for ever', 'await new Promise(() => {}); export default {};', 'waits for ever'],
    ['no default export', 'export const plugin = {};', 'no plugin as its default export'],
    ['a hook that is no function', 'export default { onJob: 7 };', 'onJob is no function'],
  ])('tells of %s', async (_, source, message) => {
    await expect(benches.create().load(bundleOf(source))).rejects.toMatchObject({
      code: 'AW_PLUGIN_LOAD_FAILED',
      message: expect.stringContaining(message),
    });
  });

  it('fails when onStart fails, and onStart runs before other hooks', async () => {
    const failing = benches.create().load(bundleOf(`export default { onStart() { throw new Error('no') } };`));
    await expect(failing).rejects.toMatchObject({
      code: 'AW_PLUGIN_LOAD_FAILED',
      message: expect.stringContaining('no'),
    });

    const bench = benches.create();
    await bench.load(bundleOf(`let started; export default { onStart() { started = 1 }, onJob: () => started };`));
    expect(await bench.call()).toBe(1);
  });

  it.each([
    ['spins', 'for (;;); export default {};'],
    ['spins in onStart', 'export default { onStart() { for (;;); } };'],
    ['never ends onStart', 'export default { onStart: () => new Promise(() => {}) };'],
  ])('times out when it %s', async (_, source) => {
    await expect(benches.create(brief).load(bundleOf(source))).rejects.toMatchObject({
      code: 'AW_PLUGIN_TIMEOUT',
    });
  });
});
