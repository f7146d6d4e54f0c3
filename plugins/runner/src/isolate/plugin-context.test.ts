import { afterAll, describe, expect, it, vi } from 'vitest';
import { Benches } from '../testing/sandbox-bench.ts';

const benches = new Benches();
afterAll(() => benches.stop());

describe('the log', { timeout: 30_000 }, () => {
  it('takes console and context.log, bounded', async () => {
    const bench = await benches.loaded(`console.log('a', { b: 1 }, 2); context.log.warn('w', { c: 3 });
      const cycle = {}; cycle.cycle = cycle; context.log.error('e', cycle); context.log.info('x'.repeat(10_000));
      context.log.debug('d', { long: 'y'.repeat(10_000) });`);
    await bench.call();
    expect(bench.logs).toMatchObject([
      { level: 'info', message: 'a {"b":1} 2' },
      { level: 'warn', message: 'w', fields: { c: 3 } },
      { level: 'error', message: 'e', fields: { fields: 'no JSON' } },
      { level: 'info', message: `${'x'.repeat(4095)}…` },
      { level: 'debug', message: 'd', fields: { fields: 'too large' } },
    ]);
  });

  it('drops what comes too fast, and says how much', async () => {
    const bench = await benches.loaded('for (let i = 0; i < 5000; i++) context.log.info("x");');
    await bench.call();
    const told = bench.logs.filter(({ message }) => message === 'x').length;
    const dropped = bench.logs.flatMap(({ fields }) => (fields?.['dropped'] as number | undefined) ?? []);
    expect(told).toBeLessThan(1000);
    expect(told + dropped.reduce((sum, count) => sum + count, 0)).toBe(5000);
  });
});

describe('the store', { timeout: 30_000 }, () => {
  it('hands requests out and answers in', async () => {
    const asked: unknown[] = [];
    const request = async (capability: string, values: unknown) => {
      asked.push([capability, values]);
      return capability === 'store.list' ? { value: ['a'] } : {};
    };
    const bench = await benches.loaded(
      `const { store } = context; await store.set('a', { b: 1 }); await store.delete('a');
       return [await store.get('a') ?? 'none', await store.list()];`,
      { request },
    );
    expect(await bench.call()).toEqual(['none', ['a']]);
    expect(asked).toEqual([
      ['store.set', ['a', { b: 1 }]],
      ['store.delete', ['a']],
      ['store.get', ['a']],
      ['store.list', ['']],
    ]);
  });

  it('fails the hook with the code of the refusal, unless the hook catches it', async () => {
    const request = async () => ({ error: { code: 'AW_PERMISSION_DENIED', message: 'no storage' } });
    const body = `try { await context.store.get('a') } catch (error) { if (job.catches) return error.code; throw error }`;
    const bench = await benches.loaded(body, { request });
    await expect(bench.call()).rejects.toMatchObject({ code: 'AW_PERMISSION_DENIED' });
    expect(await bench.call('onJob', { subject: { catches: true } })).toBe('AW_PERMISSION_DENIED');
  });

  it('refuses a flood of requests', async () => {
    const bench = await benches.loaded(
      `const all = await Promise.allSettled(Array.from({ length: 1000 }, () => context.store.get('a')));
       return all.filter(({ status }) => status === 'rejected').length;`,
    );
    expect(await bench.call()).toBe(1000 - 64);
  });

  it('lets a hook that did not await it end, and goes on afterwards', async () => {
    const answers = Promise.withResolvers<void>();
    const request = async () => {
      await answers.promise;
      return {};
    };
    const bench = await benches.loaded(
      `if (job.read) return globalThis.went ?? false;
       context.store.get('a').then(() => { globalThis.went = true }); return 'early';`,
      { request },
    );
    expect(await bench.call()).toBe('early');
    answers.resolve();
    await vi.waitFor(async () => expect(await bench.call('onJob', { subject: { read: true } })).toBe(true));
  });
});
