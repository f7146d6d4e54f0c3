import { describe, expect, it } from 'vitest';
import { isAtLeast, parseVersion, versionText } from './version.ts';

describe('a version', () => {
  it.each([
    ['Kubernetes v1.36.3', '1.36.3'],
    ['Client Version: v1.34.0-rc.1\nKustomize Version: v5.7.1', '1.34.0'],
    ['etcd Version: 3.6.8\nGit SHA: Not provided', '3.6.8'],
    ['go version go1.19 linux/amd64', '1.19.0'],
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64', '7.0.15'],
    ['Valkey server v=8.1.3 sha=00000000:0', '8.1.3'],
  ])('is read from %j', (text, version) => {
    expect(versionText(parseVersion(text) ?? [0, 0, 0])).toBe(version);
  });

  it('is unknown where none is printed', () => {
    expect(parseVersion('command not found')).toBeUndefined();
  });

  it('is compared part by part, as numbers', () => {
    expect(isAtLeast([1, 34, 0], [1, 34, 0])).toBe(true);
    expect(isAtLeast([1, 100, 0], [1, 34, 9])).toBe(true);
    expect(isAtLeast([2, 0, 0], [1, 34, 0])).toBe(true);
    expect(isAtLeast([1, 33, 9], [1, 34, 0])).toBe(false);
  });
});
