import { describe, expect, it } from 'vitest';
import { makeProgram } from '../command-line/program.ts';
import { readWords } from './completion-point.ts';

const program = makeProgram({ onRequest: async () => undefined, write: () => undefined });
const read = (...words: string[]) => {
  const { command, options, value, typed } = readWords(program, words);
  return { command: command === program ? '' : command.name(), options, value, typed };
};

describe('the place of the cursor', () => {
  it.each([
    [[''], { command: '', options: {}, value: undefined, typed: '' }],
    [['tr'], { command: '', options: {}, value: undefined, typed: 'tr' }],
    [['tree', 'de'], { command: 'tree', options: {}, value: undefined, typed: 'de' }],
    [['events', '--no'], { command: 'events', options: {}, value: undefined, typed: '--no' }],
    [['events', '--node', 'd'], { command: 'events', options: {}, value: 'node', typed: 'd' }],
    [['events', '--node=d'], { command: 'events', options: {}, value: 'node', typed: 'd' }],
    [['--context', 'lab', 'why', 'k'], { command: 'why', options: { context: 'lab' }, value: undefined, typed: 'k' }],
    [
      ['why', '--context=lab', '-n', ''],
      { command: 'why', options: { context: 'lab' }, value: 'namespace', typed: '' },
    ],
    [['tree', '--unknown=x'], { command: 'tree', options: {}, value: undefined, typed: '--unknown=x' }],
  ])('after %j', (words, expected) => {
    expect(read(...words)).toEqual(expected);
  });
});
