import { expect, it } from 'vitest';
import { textTable } from './text-table.ts';

it('a text table sets words left and figures right', () => {
  expect(
    textTable(
      ['', 'ms'],
      [
        ['a', '1'],
        ['bcd', '100'],
      ],
    ),
  ).toBe(['      ms', 'a      1', 'bcd  100'].join('\n'));
});
