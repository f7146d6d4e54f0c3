import type { Command, Option } from 'commander';

/** Where on the command line the cursor is. */
export interface CompletionPoint {
  /** The subcommand, or the program before there is one. */
  readonly command: Command;
  /** Options that stand before the cursor, by their names in the program. */
  readonly options: Readonly<Record<string, string>>;
  /** Name of the option whose value is to be completed; undefined for anything else. */
  readonly value: string | undefined;
  /** The whole word at the cursor, e.g. `--output=js`. */
  readonly current: string;
  /** The part of it to complete, e.g. `js`. */
  readonly typed: string;
}

interface WordsBefore {
  readonly command: Command;
  readonly options: Readonly<Record<string, string>>;
  /** The option that waits for its value. */
  readonly pending: Option | undefined;
}

/** @param words after the name of the program; the last is at the cursor. */
export function readWords(program: Command, words: readonly string[]): CompletionPoint {
  const current = words.at(-1) ?? '';
  const start: WordsBefore = { command: program, options: {}, pending: undefined };
  const { command, options, pending } = words
    .slice(0, -1)
    .reduce((before, word) => readWord(program, before, word), start);
  if (pending !== undefined) return { command, options, value: pending.attributeName(), current, typed: current };
  const { flag, value } = splitAtEquals(current);
  const option = optionOf(command, program, flag);
  if (option === undefined || value === undefined)
    return { command, options, value: undefined, current, typed: current };
  return { command, options, value: option.attributeName(), current, typed: value };
}

function readWord(program: Command, before: WordsBefore, word: string): WordsBefore {
  const { command, options, pending } = before;
  if (pending !== undefined)
    return { command, options: { ...options, [pending.attributeName()]: word }, pending: undefined };
  const { flag, value } = splitAtEquals(word);
  const option = optionOf(command, program, flag);
  if (option !== undefined && value !== undefined)
    return { ...before, options: { ...options, [option.attributeName()]: value } };
  if (option?.required) return { ...before, pending: option };
  const isCommand = command === program && !word.startsWith('-');
  return isCommand ? { ...before, command: program.commands.find((one) => one.name() === word) ?? program } : before;
}

function optionOf(command: Command, program: Command, flag: string): Option | undefined {
  return [...command.options, ...program.options].find(
    ({ long, short }) => flag !== '' && (long === flag || short === flag),
  );
}

function splitAtEquals(word: string): { readonly flag: string; readonly value: string | undefined } {
  const index = word.startsWith('--') ? word.indexOf('=') : -1;
  return index < 0 ? { flag: word, value: undefined } : { flag: word.slice(0, index), value: word.slice(index + 1) };
}
