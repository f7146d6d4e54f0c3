import { describe, expect, it } from 'vitest';
import { deepFreeze } from './deep-freeze.ts';

describe('a frozen object', () => {
  it('cannot be changed at any depth', () => {
    const object = deepFreeze({ list: [{ value: 1 }], text: 'x', nothing: null as null | string });
    expect(() => object.list.push({ value: 2 })).toThrow(TypeError);
    expect(() => {
      Object.assign(object.list[0] ?? {}, { value: 2 });
    }).toThrow(TypeError);
    expect(object).toEqual({ list: [{ value: 1 }], text: 'x', nothing: null });
  });
});
