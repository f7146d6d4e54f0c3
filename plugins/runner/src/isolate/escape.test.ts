import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Benches, bundleOf } from '../testing/sandbox-bench.ts';
import { escapeProbes } from '../testing/escape-probes.ts';

const benches = new Benches();
const directory = mkdtempSync(join(tmpdir(), 'autoweave-probes-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
  benches.stop();
});

const request = async (_: string, values: unknown) => {
  const [key] = values as [string];
  return key === 'refused' ? { error: { code: 'AW_STORE_FULL', message: 'refused' } } : { value: ['a'] };
};

/** What a plugin would have without a sandbox: the same names, in the realm of Node. */
async function withoutSandbox(body: string): Promise<unknown> {
  const context = {
    log: { info: () => undefined },
    store: {
      get: async (key: string) => {
        if (key === 'refused') throw new Error('refused');
      },
      list: async () => ['a'],
    },
  };
  const value = await unsandboxed(body)({}, context);
  return JSON.parse(JSON.stringify(typeof value === 'function' ? true : (value ?? null))) as unknown;
}

type Probe = (job: object, context: object) => Promise<unknown>;

/** As CommonJS: sloppy code, which sees more of its callers than a module does. */
function unsandboxed(body: string): Probe {
  const file = join(directory, `${randomUUID()}.cjs`);
  const code = `const run = async function (job, context) { ${body} };
    module.exports = (job, context) => (function () { return run(job, context); })();`;
  writeFileSync(file, code);
  return createRequire(import.meta.url)(file) as Probe;
}

/** @returns what it got hold of; undefined when it failed, or was ended. */
async function inSandbox(body: string): Promise<unknown> {
  const bench = await benches.loaded(body, { request });
  try {
    return await bench.call('onJob', { timeoutMilliseconds: 5000 });
  } catch {
    return undefined;
  }
}

describe('a plugin that reaches for', { timeout: 30_000 }, () => {
  for (const [name, body] of Object.entries(escapeProbes)) {
    it(`${name} gets nothing in the sandbox, and would get it outside`, async () => {
      expect(await withoutSandbox(body)).toBeTruthy();
      expect(await inSandbox(body)).toBeFalsy();
    });
  }
});

describe('a plugin', { timeout: 30_000 }, () => {
  it('gets no address of its module', async () => {
    const source = `const { url, dirname, resolve } = import.meta; const found = url ?? dirname ?? resolve; `;
    const outside = (await import(`data:text/javascript,${encodeURIComponent(`${source} export default found`)}`)) as {
      default: unknown;
    };
    expect(outside.default).toBeTruthy();

    const bench = benches.create();
    await bench.load(bundleOf(`${source} export default { onJob: () => found };`));
    expect(await bench.call()).toBeUndefined();
  });

  it('cannot change objects of the host by what it answers', async () => {
    const pollute = 'return JSON.parse(\'{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\')';
    const bench = await benches.loaded(`Object.prototype.polluted = Array.prototype.polluted = 1; ${pollute}`);
    await bench.call();
    expect('polluted' in {} || 'polluted' in []).toBe(false);
    expect(await withoutSandbox('Object.prototype.polluted = 1; return 1')).toBe(1);
    expect('polluted' in {}).toBe(true);
    Reflect.deleteProperty(Object.prototype, 'polluted');
  });

  it('finds no way out by replacing what the built-in code may call', async () => {
    const spy = `const found = new Set();
      const watch = (owner, key) => { const own = owner[key]; owner[key] = function (...values) {
        for (const value of [this, ...values]) found.add(value); return own.apply(this, values); }; };
      const { apply } = Function.prototype;
      for (const owner of [Promise, Map, WeakMap, Set, RegExp, Error].map((type) => type.prototype)) {
        for (const key of Reflect.ownKeys(owner)) if (typeof Object.getOwnPropertyDescriptor(owner, key).value === 'function' && key !== 'constructor') watch(owner, key);
      }
      for (const [owner, key] of [[JSON, 'stringify'], [JSON, 'parse'], [Reflect, 'apply'], [Object, 'freeze'], [Object, 'assign'], [Function.prototype, 'call']]) watch(owner, key);`;
    const probe = `${spy}
      context.log.info('x', { a: 1 }); console.log({ b: 2 });
      await context.store.get('a'); await context.store.get('refused').catch(() => 0);
      for (const value of [...found]) { if (typeof value !== 'function') continue;
        try { value('log', 'info', 'smuggled', ''); } catch {} }
      return 'done';`;
    const bench = await benches.loaded(probe, { request });
    await bench.call('onJob', { timeoutMilliseconds: 5000 }).catch(() => undefined);
    expect(bench.logs.filter(({ message }) => message === 'smuggled')).toEqual([]);
  });

  it('cannot answer for a later hook, nor twice', async () => {
    const bench = await benches.loaded(
      `if (!job.first) return 'second'; let again; return { then(resolve) { resolve('first'); resolve('more'); } };`,
    );
    expect(await bench.call('onJob', { subject: { first: true } })).toBe('first');
    expect(await bench.call()).toBe('second');
  });

  it('shares nothing with another plugin', async () => {
    const [one, other] = [
      await benches.loaded('globalThis.mine = 1; return 1'),
      await benches.loaded('return globalThis.mine'),
    ];
    await one.call();
    expect(await other.call()).toBeUndefined();
  });
});
