import type { JobResult } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { onAttach, samplePlugin, type SamplePlugin } from './sample-plugin.ts';
import { labWithWitness } from './witness.ts';

const lab = labWithWitness();
const brief = { resources: { timeoutSeconds: 2 } };

async function run(sample: SamplePlugin): Promise<void> {
  await lab.current.apply(samplePlugin(sample));
  await expect.poll(() => lab.current.standing(sample.name, sample.namespace)).toMatch(/^Running: /);
}

async function attachResult(name: string, deviceName: string): Promise<JobResult | undefined> {
  const results = await lab.current.resultsOf(name);
  return results.find((result) => result.deviceName === deviceName && result.type === 'usb.attach');
}

/** Runs a plugin with this body of onAttach, plugs a device in, and waits for the result. */
async function resultOf(name: string, body: string): Promise<JobResult | undefined> {
  await run({ name, code: onAttach(body), spec: brief });
  const device = await lab.current.world.plug();
  await expect.poll(() => attachResult(name, device)).toBeDefined();
  return attachResult(name, device);
}

describe('a plugin that changes the language under the sandbox', () => {
  it.each([
    ['log-number', `context.log.warn('x', { toJSON: () => 5 }); return 1;`, 1],
    ['log-list', `context.log.warn('x', [1, 2]); return 1;`, 1],
    [
      'log-many',
      `context.log.warn('x', Object.fromEntries(Array.from({ length: 100 }, (_, n) => [n, n]))); return 1;`,
      1,
    ],
    ['log-deep', `let v = 1; for (let n = 0; n < 1900; n += 1) v = [v]; context.log.warn('x', { v }); return 1;`, 1],
    [
      'request-text',
      `Array.prototype.toJSON = () => 'x'; return context.store.get('k').catch(({ code }) => code);`,
      'AW_STORE_FULL',
    ],
    [
      'request-long',
      `Array.prototype.toJSON = () => ({ toJSON: 0 }); return context.store.get('k').catch(({ code }) => code);`,
      'AW_STORE_FULL',
    ],
  ])('ends no runner: %s', async (name, body, value) => {
    expect(await resultOf(name, body)).toMatchObject({ state: 'Succeeded', value });
    expect(await lab.current.log('executor')).not.toContain('Runner ended');
  });

  it.each([
    ['code-of-executor', `WeakMap.prototype.get = () => 'AW_BUNDLE_MISSING'; throw new Error('forged');`, 'forged'],
    ['code-of-nobody', `WeakMap.prototype.get = () => 'nonsense'; throw new Error('forged');`, 'forged'],
    ['long-message', `String.prototype.substring = () => 'x'.repeat(2e6); throw new Error('y'.repeat(5000));`, 'xxx'],
  ])('fails by its own fault: %s', async (name, body, message) => {
    const result = await resultOf(name, body);
    expect(result).toMatchObject({
      state: 'Failed',
      code: 'AW_PLUGIN_THREW',
      message: expect.stringContaining(message),
    });
    expect(result?.message?.length).toBeLessThanOrEqual(4096);
    expect(await lab.current.log('executor')).not.toContain('Runner ended');
  });
});

describe('what a plugin throws or returns', () => {
  it.each([
    ['undefined', 'throw undefined;', { code: 'AW_PLUGIN_THREW', message: 'undefined' }],
    ['unshown', 'throw { toString() { throw 1; } };', { message: 'it threw something that cannot be shown' }],
    ['proxy', 'return new Proxy({}, { ownKeys() { throw new Error("no keys"); } });', { code: 'AW_RESULT_INVALID' }],
    ['to-json', 'const f = () => f(); return { toJSON: f };', { code: 'AW_RESULT_INVALID' }],
    ['thenable', 'return { then() {} };', { code: 'AW_PLUGIN_TIMEOUT' }],
    ['thenable-twice', 'return { then(resolve) { resolve(1); resolve(2); } };', { state: 'Succeeded', value: 1 }],
    ['prototype', 'return JSON.parse(`{"__proto__":{"a":1}}`);', { state: 'Succeeded' }],
  ])('has one result, whatever it is: %s', async (name, body, expected) => {
    expect(await resultOf(name, body)).toMatchObject(expected);
  });

  it('cannot move the cursor of who reads its message', async () => {
    const body = String.raw`throw new Error('a\ud83d\0\r\u001b[31mred\u202e' + '😀'.repeat(1500));`;
    const result = await resultOf('coloured', body);
    expect(result?.message).toContain('Error: a\ufffd\ufffd\ufffd\ufffd[31mred\ufffd😀');
    const shown = async () => (await lab.current.find('coloured'))?.status?.results?.failed;
    await expect.poll(shown).toBe(1);
    await expect.poll(() => lab.current.kubectl('get', 'events', '-n', 'lab')).toContain('PluginFailed');
    for (const command of [
      ['describe', 'awp'],
      ['get', 'awp', '-o', 'wide'],
      ['get', 'events'],
    ]) {
      const output = await lab.current.kubectl(...command, '--namespace', 'lab');
      expect(output.match(/(?!\n|\t)[\p{Cc}\p{Cf}]/u)).toBeNull();
    }
    expect(await lab.current.log('executor')).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it('can be load errors that no terminal suffers from, either', async () => {
    const code = String.raw`throw new Error('\u001b[2J\u202e' + 'z'.repeat(990) + '😀'.repeat(2000));`;
    await lab.current.apply(samplePlugin({ name: 'cleared', code }));
    await expect.poll(() => lab.current.standing('cleared')).toMatch(/^Failed: AW_PLUGIN_LOAD_FAILED/);
    expect(await lab.current.kubectl('get', 'awp', '-n', 'lab', '-o', 'wide')).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    await lab.current.world.plug();
    await expect.poll(async () => (await lab.current.resultsOf('cleared')).length).toBe(1);
  });
});

describe('the store of a plugin', () => {
  it('takes strange keys as they are, and no others', async () => {
    const body = String.raw`
      const out = {};
      for (const key of ['__proto__', 'constructor', 'a\nb', '../witness', 'lab/witness', 'x'.repeat(256)]) {
        await context.store.set(key, { key });
        if ((await context.store.get(key)).key !== key) return key;
      }
      for (const key of ['', 'x'.repeat(257), '\ud83d', 5, null, {}]) {
        const code = await context.store.set(key, 1).then(() => 'taken', (error) => error.code);
        if (code !== 'AW_STORE_FULL') return [key, code];
      }
      return (await context.store.list()).length;`;
    expect(await resultOf('keys', body)).toMatchObject({ state: 'Succeeded', value: 6 });
    const other = `return [await context.store.list(), (await context.store.get('__proto__')) ?? 'nothing'];`;
    expect(await resultOf('other', other)).toMatchObject({ value: [[], 'nothing'] });
  });

  it('refuses floods, and lists long keys', async () => {
    const flood = `
      const sent = Array.from({ length: 1000 }, (_, n) => context.store.set(String(n), n).then(() => 1, () => 0));
      return (await Promise.all(sent)).reduce((sum, one) => sum + one);`;
    expect(await resultOf('flood', flood)).toMatchObject({ state: 'Succeeded', value: 64 });
    const long = String.raw`
      for (let n = 0; n < 99; n += 1) await context.store.set(String(n).padStart(3, '0') + '\u0001'.repeat(250), 1);
      return (await context.store.list()).length;`;
    expect(await resultOf('long-keys', long)).toMatchObject({ value: 99 });
    const deep = `let v = 1; for (let n = 0; n < 5000; n += 1) v = [v];
      return context.store.set('k', v).catch(({ code }) => code);`;
    expect(await resultOf('deep-value', deep)).toMatchObject({ value: 'AW_STORE_FULL' });
  });
});

describe('a plugin that takes all it can get', () => {
  it('floods the log no faster than the executor wants', async () => {
    const flood = `for (let n = 0; n < 100_000; n += 1) context.log.warn('x'.repeat(4000), { n }); return 1;`;
    expect(await resultOf('logs', flood)).toMatchObject({ state: 'Succeeded' });
    const log = await lab.current.log('executor');
    expect(log.split('\n').filter((line) => line.includes('"logs"')).length).toBeLessThan(500);
    expect(log).toContain('Dropped messages of the plugin');
  });

  it('keeps no other plugin waiting with hooks that never answer', async () => {
    const spec = { resources: { timeoutSeconds: 5 } };
    await run({ name: 'hog', code: onAttach('await new Promise(() => {});'), spec });
    const devices = await lab.current.world.plugMany(40);
    const answered = async () => {
      const told = (await lab.current.resultsOf('witness')).filter(({ type }) => type === 'usb.attach');
      const names = new Set(told.map(({ deviceName }) => deviceName));
      return devices.filter((device) => !names.has(device));
    };
    await expect.poll(answered, { timeout: 20_000 }).toEqual([]);
    expect((await lab.current.resultsOf('hog')).length).toBeLessThan(devices.length / 2);
    // What waits for it fails when it goes, but for what an executor has taken already.
    await lab.current.remove('hog');
    await expect.poll(() => lab.current.occupiedRooms()).toEqual([]);
  });
});

describe('plugins that come, change and go while they work', () => {
  const slow = onAttach('for (let n = 0; n < 200; n += 1) await context.store.set("n", n); return n;');

  it('may have names of the longest kind', async () => {
    const namespace = 'n'.repeat(63);
    await lab.current.kubectl('create', 'namespace', namespace);
    await lab.current.permit('lab', namespace);
    const name = 'p'.repeat(63);
    await run({ name, namespace, code: onAttach('await context.store.set("a", 1); return 1;') });
    const device = await lab.current.world.plug();
    await expect.poll(() => attachResult(name, device)).toMatchObject({ state: 'Succeeded' });
    const succeeded = async () => (await lab.current.find(name, namespace))?.status?.results?.succeeded;
    await expect.poll(succeeded).toBe(1);
  });

  it('may be changed twice at once: the last revision is the one that stays', async () => {
    await run({ name: 'changing', code: onAttach('return 0;') });
    await lab.current.apply(samplePlugin({ name: 'changing', code: onAttach('return 1;') }));
    await lab.current.apply(samplePlugin({ name: 'changing', code: onAttach('return 2;') }));
    await expect.poll(() => lab.current.standing('changing')).toMatch(/^Running: /);
    const device = await lab.current.world.plug();
    await expect.poll(() => attachResult('changing', device)).toMatchObject({ value: 2 });
  });

  it('may be deleted, or suspended, while a hook runs', async () => {
    await run({ name: 'deleted', code: slow });
    await run({ name: 'suspended', code: slow });
    await lab.current.world.plugMany(5);
    await lab.current.remove('deleted');
    await lab.current.apply(samplePlugin({ name: 'suspended', code: slow, spec: { suspend: true } }));
    await expect.poll(() => lab.current.standing('suspended')).toMatch(/^Stopped: /);
    await expect.poll(() => lab.current.occupiedRooms()).toEqual([]);
    await lab.current.apply(
      samplePlugin({ name: 'suspended', code: onAttach('return "back";'), spec: { suspend: false } }),
    );
    await expect.poll(() => lab.current.standing('suspended')).toMatch(/^Running: /);
    const device = await lab.current.world.plug();
    await expect.poll(() => attachResult('suspended', device)).toMatchObject({ value: 'back' });
  });

  it('may be 50 at once', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `many-${n}`);
    await Promise.all(names.map((name) => lab.current.apply(samplePlugin({ name, code: onAttach(`return 1;`) }))));
    for (const name of names) await expect.poll(() => lab.current.standing(name)).toMatch(/^Running: /);
    const device = await lab.current.world.plug();
    for (const name of names) await expect.poll(() => attachResult(name, device)).toMatchObject({ value: 1 });
  });
});
