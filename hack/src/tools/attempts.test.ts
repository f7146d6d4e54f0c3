import { describe, expect, it } from 'vitest';
import { firstThatWorks } from './attempts.ts';

describe('attempts', () => {
  it('end with the first that works', async () => {
    const attempts = [
      { name: 'download', run: () => Promise.reject(new Error('unreachable')) },
      { name: 'build', run: () => Promise.resolve('built') },
      { name: 'never', run: () => Promise.resolve('too far') },
    ];
    expect(await firstThatWorks('etcd', attempts, [])).toBe('built');
  });

  it('tell everything that was tried when none works', async () => {
    const attempts = [
      { name: 'download', run: () => Promise.reject(new TypeError('fetch failed', { cause: new Error('no route') })) },
      { name: 'build', run: () => Promise.reject(new Error('no Go')) },
    ];
    await expect(firstThatWorks('etcd', attempts, ['PATH: no etcd'])).rejects.toMatchObject({
      code: 'AW_TOOL_UNAVAILABLE',
      message: [
        'etcd could not be had. Tried:',
        '- PATH: no etcd',
        '- download: fetch failed (no route)',
        '- build: no Go',
      ].join('\n'),
    });
  });
});
