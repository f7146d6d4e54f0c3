import { describe, expect, it } from 'vitest';
import { paint } from './colour.ts';
import { Table, widthOf } from './table.ts';

describe('a table', () => {
  it('has columns as wide as their widest cell, and no blanks at the ends of lines', () => {
    const table = new Table({ header: ['NAME', 'WHAT'] });
    expect([...table.lines([['a', 'x'], ['long name', ''], ['b']])]).toEqual([
      'NAME        WHAT',
      'a           x',
      'long name',
      'b',
    ]);
  });

  it('goes on with the same columns, without a second header', () => {
    const table = new Table({ header: ['NAME', 'WHAT'] });
    expect([...table.lines([['long name', 'x']])]).toHaveLength(2);
    expect([...table.lines([['b', 'y']])]).toEqual(['b           y']);
  });

  it('counts what a terminal shows wide as two, and colours as nothing', () => {
    expect(widthOf('雨 😀é')).toBe(6);
    const table = new Table({ paint });
    const lines = [
      ...table.lines([
        [{ text: '雨', colour: 'red' }, 'x'],
        ['abc', 'y'],
      ]),
    ];
    expect(lines).toEqual(['\u001b[31m雨\u001b[39m    x', 'abc   y']);
  });

  it('lets no cell break out of its line', () => {
    expect([...new Table({}).lines([['a\nb\t\u001b[2Jc', 'x']])]).toEqual(['a\ufffdb\ufffd\ufffd[2Jc   x']);
  });
});
