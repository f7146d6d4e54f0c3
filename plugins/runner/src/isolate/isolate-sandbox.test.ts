import { afterAll, describe, expect, it } from 'vitest';
import { Benches, bundleOf } from '../testing/sandbox-bench.ts';

const benches = new Benches();
afterAll(() => benches.stop());

const brief = { timeoutMilliseconds: 300 };

describe('a hook', { timeout: 30_000 }, () => {
  it('answers with JSON, or with nothing', async () => {
    const bench = await benches.loaded('return job.answer;');
    for (const answer of [{ a: [1, 'ü', null] }, 0, '', null, false]) {
      expect(await bench.call('onJob', { subject: { answer } })).toEqual(answer);
    }
    expect(await bench.call()).toBeUndefined();
    expect(await bench.call('onAttach')).toBeUndefined();
  });

  it('gets data of its own: changing it changes nothing outside', async () => {
    const bench = await benches.loaded(
      `const before = Object.prototype.polluted; Object.prototype.polluted = job.x; return [before ?? 'clean', job.__proto__ === Object.prototype];`,
    );
    const subject: unknown = JSON.parse('{"x":1,"__proto__":{"polluted":2}}');
    expect(await bench.call('onJob', { subject })).toEqual(['clean', false]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it.each([
    ['throws', 'throw new Error("boo")', 'AW_PLUGIN_THREW', 'Error: boo, at'],
    ['throws no error', 'throw null', 'AW_PLUGIN_THREW', 'null'],
    ['throws what cannot be shown', 'throw { toString() { throw 1 } }', 'AW_PLUGIN_THREW', 'cannot be shown'],
    ['recurses without end', 'const f = () => f() + 1; return f()', 'AW_PLUGIN_THREW', 'Maximum call stack'],
    ['returns a function', 'return () => 1', 'AW_RESULT_INVALID', 'function'],
    ['returns a cycle', 'const a = {}; a.a = a; return a', 'AW_RESULT_INVALID', 'circular'],
    ['returns a BigInt', 'return 1n', 'AW_RESULT_INVALID', 'BigInt'],
    ['returns a throwing getter', 'return { get a() { throw new Error("got") } }', 'AW_RESULT_INVALID', 'got'],
    ['returns too much', 'return "x".repeat(20_000)', 'AW_RESULT_TOO_LARGE', '20002 characters'],
  ])('that %s fails with a clear code, and the plugin goes on', async (_, body, code, message) => {
    const bench = await benches.loaded(`if (job.again) return 'well'; ${body}`);
    await expect(bench.call()).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(bench.ends).toEqual([]);
    expect(await bench.call('onJob', { subject: { again: true } })).toBe('well');
  });

  it.each([
    ['spins', 'for (;;);'],
    ['spins in microtasks', 'for (;;) await null;'],
    ['never answers', 'await new Promise(() => {});'],
    ['waits for an answer that never comes', 'await context.store.get("a");'],
    ['catches everything', 'for (;;) { try { for (;;) context.log.info("x"); } catch {} }'],
    ['floods the log', 'for (;;) context.log.info("x");'],
    ['spins after it answered', 'Promise.resolve().then(async () => { for (;;) await null; }); return 1;'],
    ['spins in toJSON of its answer', 'return { toJSON() { for (;;); } };'],
    ['spins in a regular expression', 'return /^(a+)+$/.test("a".repeat(50) + "b");'],
    ['spins in a getter of its error', 'throw Object.defineProperty(new Error(), "stack", { get() { for (;;); } });'],
  ])('that %s is ended at its deadline', async (_, body) => {
    const bench = await benches.loaded(body, { request: () => new Promise(() => {}) });
    await expect(bench.call('onJob', brief)).rejects.toMatchObject({ code: 'AW_PLUGIN_TIMEOUT' });
    expect(bench.ends).toMatchObject([{ code: 'AW_PLUGIN_TIMEOUT' }]);
    await expect(bench.call()).rejects.toMatchObject({ code: 'AW_PLUGIN_ENDED' });
    expect(bench.stuck).toBe(false);
  });

  it.each([
    ['strings', 'let s = "x"; const a = []; for (;;) { s += s.slice(0, 1e6); a.push(s + a.length); }'],
    ['arrays', 'const a = []; for (;;) a.push(new Array(1e5).fill(1.5));'],
    ['typed arrays', 'const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));'],
    ['objects in microtasks', 'const a = []; for (;;) { await null; a.push({ a: { b: [1, 2, 3] } }); }'],
    ['async generators', 'async function* g() { for (;;) yield 1; } for (;;) g().next();'],
    ['a huge Map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, i + "x");'],
  ])('that eats memory with %s is ended', async (_, body) => {
    const bench = await benches.loaded(body, { memoryMegabytes: 16 });
    await expect(bench.call()).rejects.toMatchObject({ code: 'AW_PLUGIN_OUT_OF_MEMORY' });
    expect(bench.ends).toMatchObject([{ code: 'AW_PLUGIN_OUT_OF_MEMORY' }]);
    expect(bench.stuck).toBe(false);
  });

  it('does not fail for a promise that it rejected and forgot', async () => {
    const bench = await benches.loaded('Promise.reject(new Error("forgotten")); return 1;');
    expect(await bench.call()).toBe(1);
    expect(await bench.call()).toBe(1);
  });
});

describe('the neighbours of a plugin', { timeout: 60_000 }, () => {
  it('keep answering while it spins, eats memory and floods the log', async () => {
    const hostile = await Promise.all([
      benches.loaded('for (;;);'),
      benches.loaded('for (;;) await null;'),
      benches.loaded('for (;;) context.log.info("x".repeat(1e6));'),
      benches.loaded('const a = []; for (;;) { a.push("y".repeat(9) + a.length); }', { memoryMegabytes: 16 }),
    ]);
    const neighbour = await benches.loaded('return job.n * 2;');
    const ends = hostile.map((bench) =>
      bench.call('onJob', { timeoutMilliseconds: 3000 }).catch((error) => error.code),
    );

    for (let n = 0; n < 50; n += 1) expect(await neighbour.call('onJob', { subject: { n } })).toBe(n * 2);

    const timeout = 'AW_PLUGIN_TIMEOUT';
    expect(await Promise.all(ends)).toEqual([timeout, timeout, timeout, 'AW_PLUGIN_OUT_OF_MEMORY']);
    expect(neighbour.ends).toEqual([]);
  });
});

describe('many plugins that come and go at once', { timeout: 60_000 }, () => {
  it('leave the process alive', async () => {
    const bodies = [
      'return 1',
      'for (;;);',
      'const a = []; for (;;) a.push("x" + a.length);',
      'await new Promise(() => {});',
    ];
    for (let round = 0; round < 5; round += 1) {
      const running = Array.from({ length: 8 }, async (_, index) => {
        const bench = await benches.loaded(bodies[index % bodies.length] ?? '', { memoryMegabytes: 16 });
        const call = bench.call('onJob', { timeoutMilliseconds: 200 }).catch((error: Error) => error);
        if (index < 4) await call;
        await bench.stop();
        await call;
      });
      await Promise.all(running);
    }
    const bench = await benches.loaded('return 1');
    expect(await bench.call()).toBe(1);
  });
});

describe('stopping', { timeout: 30_000 }, () => {
  it('runs onStop, and tells nobody that the plugin ended', async () => {
    const bench = benches.create();
    await bench.load(bundleOf(`export default { onStop: ({ log }) => log.info('bye') };`));
    await bench.stop();
    await bench.stop();
    expect(bench.logs.map(({ message }) => message)).toEqual(['bye']);
    expect(bench.ends).toEqual([]);
  });

  it('fails the hook that runs', async () => {
    const bench = await benches.loaded('await new Promise(() => {})');
    const call = bench.call();
    call.catch(() => undefined);
    await bench.stop();
    await expect(call).rejects.toMatchObject({ code: 'AW_PLUGIN_ENDED' });
  });
});
