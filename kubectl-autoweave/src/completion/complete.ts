import type { Command } from 'commander';
import type { GlobalOptions } from '../command-line/global-options.ts';
import type { Surroundings } from '../command-line/open-session.ts';
import { makeProgram } from '../command-line/program.ts';
import { lineText } from '../terminal/safe-text.ts';
import { findCandidates, type Candidate } from './candidates.ts';
import { readWords, type CompletionPoint } from './completion-point.ts';
import { completionScripts } from './scripts.ts';

/** What the shell does with the answer, as kubectl and Cobra have it. */
const directives = { filesToo: 0, noFiles: 4 } as const;

/**
 * Answers `__complete <words…>`, of which the last is the one to complete: a candidate with its description a line, then
 * `:<directive>`. Nothing that fails is told, since it would be written over the command line.
 *
 * @returns the exit code.
 */
export async function complete(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = makeProgram({ onRequest: async () => undefined, write: () => undefined });
  const point = readWords(program, words);
  const candidates = await candidatesAt(point, program, surroundings).catch(() => []);
  const prefix = point.current.slice(0, point.current.length - point.typed.length);
  const lines = candidates
    .filter(({ value }) => value.startsWith(point.typed))
    .map(({ value, description = '' }) => `${prefix}${value}${description === '' ? '' : `\t${lineText(description)}`}`);
  const isPath = point.value === 'kubeconfig';
  await surroundings.output.writeLines([...lines, `:${isPath ? directives.filesToo : directives.noFiles}`]);
  return 0;
}

async function candidatesAt(
  point: CompletionPoint,
  program: Command,
  surroundings: Surroundings,
): Promise<readonly Candidate[]> {
  const { command, options, value } = point;
  if (value === undefined && point.typed.startsWith('-')) return flagsOf(command, program);
  if (value === 'output') return ['table', 'json', 'yaml'].map((name) => ({ value: name }));
  const subject = value ?? argumentOf(command, program);
  if (subject === 'command') return program.commands.map((one) => ({ value: one.name(), description: one.summary() }));
  if (subject === 'shell') return Object.keys(completionScripts).map((shell) => ({ value: shell }));
  return findCandidates(subject, { ...options } satisfies Partial<GlobalOptions>, surroundings);
}

function flagsOf(command: Command, program: Command): readonly Candidate[] {
  const own = command === program ? [] : command.options;
  const flags = [...own, ...program.options].flatMap(({ long, description }) =>
    long === undefined || long === null ? [] : [{ value: long, description }],
  );
  return [...flags, { value: '--help', description: 'print help, with examples' }];
}

/** What the command takes besides options. */
function argumentOf(command: Command, program: Command): string {
  if (command === program) return 'command';
  const name = command.registeredArguments[0]?.name() ?? '';
  return name === 'nodes' ? 'node' : name;
}
