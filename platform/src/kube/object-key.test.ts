import { describe, expect, it } from 'vitest';
import { joinKey, objectKey } from './object-key.ts';

describe('an object key', () => {
  it.each([
    [{ name: 'a', namespace: 'n' }, 'n/a'],
    [{ name: 'a' }, 'a'],
  ])('of %o is %s', (parts, key) => {
    expect(objectKey({ metadata: parts })).toBe(key);
    expect(joinKey(parts)).toBe(key);
  });
});
