import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dependenciesAreInstalled, isInstalled } from './dependencies.mjs';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b-win32': { version: '2.0.0', optional: true },
  },
};

describe('installed dependencies', () => {
  it('are complete without the optional ones of other systems', () => {
    expect(isInstalled(wanted, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true);
  });

  it('are incomplete when one is missing or has another version', () => {
    expect(isInstalled(wanted, { packages: {} })).toBe(false);
    expect(isInstalled(wanted, { packages: { 'node_modules/a': { version: '1.0.1' } } })).toBe(false);
    const old = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b-win32': { version: '1.9.0' } };
    expect(isInstalled(wanted, { packages: old })).toBe(false);
  });
});

describe('a checkout', () => {
  it('needs an installation when it is fresh, or when the last one was interrupted', async () => {
    const root = await mkdtemp(join(tmpdir(), 'autoweave-checkout-'));
    onTestFinished(() => rm(root, { recursive: true }));
    await writeFile(join(root, 'package-lock.json'), JSON.stringify(wanted));
    expect(await dependenciesAreInstalled(root)).toBe(false);
    await mkdir(join(root, 'node_modules/a'), { recursive: true });
    expect(await dependenciesAreInstalled(root)).toBe(false);
    const hidden = join(root, 'node_modules/.package-lock.json');
    await writeFile(hidden, '{"packages": {');
    expect(await dependenciesAreInstalled(root)).toBe(false);
    await writeFile(hidden, JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
    expect(await dependenciesAreInstalled(root)).toBe(true);
  });
});
