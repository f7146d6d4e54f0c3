import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { semanticEqual } from './semantic-equal.ts';

describe('semantic equality', () => {
  it.each([
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
    [{ a: 1 }, { a: 1, b: null }],
    [undefined, null],
    [[{ a: [1] }], [{ a: [1] }]],
  ])('holds between %j and %j', (left, right) => {
    expect(semanticEqual(left, right)).toBe(true);
    expect(semanticEqual(right, left)).toBe(true);
  });

  it.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 2]],
    [[], {}],
    [[], undefined],
    ['1', 1],
    [0, false],
    [{ a: {} }, {}],
  ])('does not hold between %j and %j', (left, right) => {
    expect(semanticEqual(left, right)).toBe(false);
    expect(semanticEqual(right, left)).toBe(false);
  });

  it('holds between a value and what came back over the wire', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(semanticEqual(value, JSON.parse(JSON.stringify(value)))).toBe(true);
      }),
    );
  });
});
