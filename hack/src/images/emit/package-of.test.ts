import { describe, expect, it } from 'vitest';
import { packageOf } from './package-of.ts';

describe('the package of a module', () => {
  const workspaces = ['crds', 'plugins/runner'];

  it.each([
    ['node_modules/zod/v4/index.js', 'node_modules/zod'],
    ['node_modules/@ioredis/commands/built/index.js', 'node_modules/@ioredis/commands'],
    ['node_modules/a/node_modules/@b/c/index.js', 'node_modules/a/node_modules/@b/c'],
    ['plugins/runner/src/main.ts', 'plugins/runner'],
    ['hack/bootstrap.mjs', undefined],
  ])('of %s is %s', (path, expected) => {
    expect(packageOf(path, workspaces)).toBe(expected);
  });
});
