import { textDigest } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { onAttach, sampleFiles, samplePlugin, type SamplePlugin } from './sample-plugin.ts';
import { labWithWitness } from './witness.ts';

const lab = labWithWitness();
const fine = onAttach('return { fine: true };');
const brief = { resources: { timeoutSeconds: 1 } };

/** Resolves when phase and message of Ready hold these texts, in this order. */
async function expectStanding(name: string, phase: string, ...texts: readonly string[]): Promise<void> {
  await expect.poll(() => lab.current.standing(name)).toMatch(new RegExp(`^${phase}: `));
  const standing = await lab.current.standing(name);
  for (const text of texts) expect(standing).toContain(text);
}

async function expectRunning(sample: SamplePlugin): Promise<void> {
  await lab.current.apply(samplePlugin(sample));
  await expectStanding(sample.name, 'Running');
}

/** The result of a plugin for a device, when there is one. */
async function resultOf(name: string, deviceName: string) {
  const results = await lab.current.resultsOf(name);
  return results.find((result) => result.deviceName === deviceName && result.type === 'usb.attach');
}

describe('a plugin whose manifest is wrong', () => {
  it.each([
    ['unknown-field', { permission: {} }, 'permission is {}; no such field is known'],
    ['wrong-type', { version: 1 }, 'version is 1; give'],
    ['bad-permission', { permissions: { usb: [{ operation: 'write' }] } }, 'permissions.usb[0].operation is "write"'],
    ['no-entry', { entry: 'main.js' }, 'entry is "main.js"; name one of files: index.js'],
  ])('is rejected by field, value and remedy: %s', async (name, manifest, message) => {
    await lab.current.apply(samplePlugin({ name, code: fine, manifest }));
    const remedy = 'Correct the named field of autoweave.plugin.json';
    await expectStanding(name, 'Rejected', 'AW_MANIFEST_INVALID: ', message, remedy);
    expect(await lab.current.conditions(name)).toMatchObject({ Validated: 'False', Ready: 'False', Stalled: 'True' });
    await lab.current.world.plug();
    expect(await lab.current.resultsOf(name)).toEqual([]);
  });

  it('is rejected with the place of the mistake when it is no JSON', async () => {
    const files = {
      ...sampleFiles({ name: 'no-json', code: fine }),
      'autoweave.plugin.json': '{"manifestVersion": 1,}',
    };
    await lab.current.apply(samplePlugin({ name: 'no-json', code: fine, spec: { source: { files } } }));
    await expectStanding('no-json', 'Rejected', 'AW_MANIFEST_INVALID', 'position 22');
  });

  it('is refused by the API server when it is missing among inline files', async () => {
    const source = { files: { 'index.js': fine } };
    await expect(lab.current.apply(samplePlugin({ name: 'none', code: fine, spec: { source } }))).rejects.toThrow(
      'spec.source.files lacks the manifest; add the file autoweave.plugin.json',
    );
  });

  it('is rejected when it is missing in the ConfigMap', async () => {
    await lab.current.applyConfigMap('no-manifest', { 'index.js': fine });
    const source = { configMapRef: { name: 'no-manifest' } };
    await lab.current.apply(samplePlugin({ name: 'no-manifest', code: fine, spec: { source } }));
    await expectStanding(
      'no-manifest',
      'Rejected',
      'AW_MANIFEST_MISSING',
      'the source has index.js',
      'Add autoweave.plugin',
    );
  });
});

describe('a plugin that is written wrong', () => {
  it('is refused by kubectl apply for a field that nobody knows', async () => {
    const plugin = samplePlugin({ name: 'typo', code: fine });
    const wrong = { ...plugin, spec: { ...plugin.spec, trigers: [] } };
    await expect(lab.current.kubectlApply(wrong)).rejects.toThrow('unknown field "spec.trigers"');
    expect(await lab.current.find('typo')).toBeUndefined();
  });

  it('is refused for inline files that are too large, by field and remedy', async () => {
    const third = `//${'x'.repeat(180_000)}`;
    const source = { files: { ...sampleFiles({ name: 'large', code: fine }), a: third, b: third, c: third } };
    await expect(lab.current.apply(samplePlugin({ name: 'large', code: fine, spec: { source } }))).rejects.toThrow(
      'spec.source.files holds more than 524288 characters; keep the files of a plugin below 512 KiB',
    );
  });
});

describe('a plugin whose source is wrong', () => {
  it('is rejected when its ConfigMap is too large', async () => {
    const third = `//${'x'.repeat(180_000)}`;
    await lab.current.applyConfigMap('large', {
      ...sampleFiles({ name: 'large', code: fine }),
      a: third,
      b: third,
      c: third,
    });
    const source = { configMapRef: { name: 'large' } };
    await lab.current.apply(samplePlugin({ name: 'large', code: fine, spec: { source } }));
    await expectStanding(
      'large',
      'Rejected',
      'AW_SOURCE_TOO_LARGE',
      'Keep the files of a plugin below 512 KiB together',
    );
  });

  it('is rejected when a file is not the one that the manifest lists', async () => {
    const files = { ...sampleFiles({ name: 'changed', code: fine }), 'index.js': `${fine}//` };
    await lab.current.apply(samplePlugin({ name: 'changed', code: fine, spec: { source: { files } } }));
    await expectStanding(
      'changed',
      'Rejected',
      'AW_DIGEST_MISMATCH',
      `index.js has ${textDigest(`${fine}//`)}`,
      'rebuild',
    );
  });

  it('is rejected when the whole is not what spec.source.digest says', async () => {
    const source = { files: sampleFiles({ name: 'pinned', code: fine }), digest: textDigest('another') };
    await lab.current.apply(samplePlugin({ name: 'pinned', code: fine, spec: { source } }));
    await expectStanding('pinned', 'Rejected', 'AW_DIGEST_MISMATCH', 'spec.source.digest is sha256:');
  });

  it('waits for a ConfigMap that is missing, and runs when it comes', async () => {
    const source = { configMapRef: { name: 'late' } };
    await lab.current.apply(samplePlugin({ name: 'late', code: fine, spec: { source } }));
    await expectStanding(
      'late',
      'Discovery',
      'AW_SOURCE_NOT_FOUND',
      'no ConfigMap late in namespace lab',
      'Create the',
    );
    expect(await lab.current.conditions('late')).toMatchObject({ Reconciling: 'True', Ready: 'False' });
    await lab.current.applyConfigMap('late', sampleFiles({ name: 'late', code: fine }));
    await expectStanding('late', 'Running');
    const device = await lab.current.world.plug();
    await expect.poll(() => resultOf('late', device)).toMatchObject({ state: 'Succeeded', value: { fine: true } });
  });
});

describe('a plugin that the policy does not let run', () => {
  it('is rejected with what to change, gets no events, and runs when it may', async () => {
    await lab.current.kubectl('create', 'namespace', 'closed');
    await lab.current.apply(samplePlugin({ name: 'stranger', code: fine, namespace: 'closed' }));
    const standing = () => lab.current.standing('stranger', 'closed');
    await expect
      .poll(standing)
      .toMatch(/^Rejected: AW_PLUGIN_NOT_PERMITTED: .*namespace closed is not in spec.plugins/);
    expect(await standing()).toContain('Allow the plugin in AutoWeavePolicy default, e.g. spec.plugins.allowUnsigned');
    const device = await lab.current.world.plug();
    await lab.current.permit('lab', 'closed');
    await expect.poll(standing).toContain('Running');
    await expect.poll(() => resultOf('stranger', device)).toMatchObject({ state: 'Succeeded' });
  });
});

describe('a plugin that cannot be loaded', () => {
  it.each([
    ['throws-at-load', 'throw new Error("not today");', 'AW_PLUGIN_LOAD_FAILED', 'not today'],
    ['syntax', 'export default {', 'AW_PLUGIN_LOAD_FAILED', 'SyntaxError'],
    ['no-plugin', 'export const plugin = {};', 'AW_PLUGIN_LOAD_FAILED', ''],
    ['imports', "import 'node:fs'; export default {};", 'AW_PLUGIN_LOAD_FAILED', 'index.js imports "node:fs"'],
    [
      'throws-at-start',
      'export default { onStart() { throw new Error("no start"); } };',
      'AW_PLUGIN_LOAD_FAILED',
      'no start',
    ],
    ['spins-at-load', 'for (;;);', 'AW_PLUGIN_TIMEOUT', 'its code ran until the deadline'],
    ['waits-at-start', 'export default { onStart: () => new Promise(() => {}) };', 'AW_PLUGIN_TIMEOUT', 'onStart'],
    ['eats-at-load', 'const a = []; for (;;) a.push(new Array(1e5).fill(1.5));', 'AW_PLUGIN_OUT_OF_MEMORY', '64 MiB'],
  ])('fails with code and message, and so do its jobs: %s', async (name, code, expected, message) => {
    await lab.current.apply(samplePlugin({ name, code, spec: brief }));
    await expectStanding(name, 'Failed', expected, 'Could not be loaded at 1 of 1 nodes', message);
    expect(await lab.current.conditions(name)).toMatchObject({ Validated: 'True', Loaded: 'False', Stalled: 'True' });
    const device = await lab.current.world.plug();
    await expect.poll(() => resultOf(name, device)).toMatchObject({ state: 'Failed', code: expected });
  });

  it('runs, and is told of what is there, once a new revision is right', async () => {
    await lab.current.apply(samplePlugin({ name: 'mended', code: 'throw new Error("not yet");' }));
    await expectStanding('mended', 'Failed', 'AW_PLUGIN_LOAD_FAILED', 'publish a new revision');
    await expectRunning({ name: 'mended', code: fine, manifest: { version: '1.0.1' } });
    const device = await lab.current.world.plug();
    await expect.poll(() => resultOf('mended', device)).toMatchObject({ state: 'Succeeded' });
    expect(await lab.current.conditions('mended')).toMatchObject({ Ready: 'True', Loaded: 'True' });
    expect(await lab.current.conditions('mended')).not.toHaveProperty('Stalled');
  });
});

describe('a plugin whose hook', () => {
  it.each([
    ['throws', 'throw new Error("no such luck");', 'AW_PLUGIN_THREW', 'no such luck'],
    ['never-answers', 'await new Promise(() => {});', 'AW_PLUGIN_TIMEOUT', 'onAttach did not answer'],
    ['spins', 'for (;;);', 'AW_PLUGIN_TIMEOUT', 'its code ran until the deadline'],
    ['eats-memory', 'const a = []; for (;;) a.push(new Array(1e5).fill(1.5));', 'AW_PLUGIN_OUT_OF_MEMORY', '64 MiB'],
    ['returns-function', 'return () => 1;', 'AW_RESULT_INVALID', 'returned a function'],
    ['returns-cycle', 'const a = {}; a.a = a; return a;', 'AW_RESULT_INVALID', 'circular'],
    ['returns-much', 'return "x".repeat(20_000);', 'AW_RESULT_TOO_LARGE', '20002'],
    [
      'returns-depth',
      'let v = 1; for (let i = 0; i < 7000; i += 1) v = [v]; return v;',
      'AW_RESULT_INVALID',
      '64 levels',
    ],
  ])('%s ends that job as Failed, and stays Running', async (name, body, code, message) => {
    await expectRunning({ name, code: onAttach(body), spec: brief });
    const device = await lab.current.world.plug();
    await expect
      .poll(() => resultOf(name, device))
      .toMatchObject({
        state: 'Failed',
        code,
        message: expect.stringContaining(message),
      });
    await lab.current.world.unplugAll();
    const detached = async () => (await lab.current.resultsOf(name)).find(({ type }) => type === 'usb.detach');
    await expect.poll(detached).toMatchObject({ state: 'Succeeded' });
    const shown = async () => (await lab.current.find(name))?.status?.results;
    await expect.poll(shown).toMatchObject({ succeeded: 1, failed: 1, last: [{ state: 'Succeeded' }, { code }] });
    expect(await lab.current.standing(name)).toContain('Running: ');
  });

  it('is corrected by a new revision, which gets the next event', async () => {
    await expectRunning({ name: 'corrected', code: onAttach('throw new Error("old");') });
    const first = await lab.current.world.plug();
    await expect.poll(() => resultOf('corrected', first)).toMatchObject({ code: 'AW_PLUGIN_THREW' });
    await expectRunning({ name: 'corrected', code: onAttach('return "new";') });
    const second = await lab.current.world.plug();
    await expect.poll(() => resultOf('corrected', second)).toMatchObject({ state: 'Succeeded', value: 'new' });
  });
});
