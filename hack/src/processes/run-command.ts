import { spawn } from 'node:child_process';

export interface RunCommandOptions {
  readonly directory?: string;
  /** Added to, and over, the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Sees each chunk of stdout and stderr as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** A command that could not be run, or did not end with 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly output: string;

  constructor(command: string, reason: string, output: string) {
    super(`${command} ${reason}${output === '' ? '' : `:\n${output.slice(-2_000)}`}`);
    this.output = output;
  }
}

/** Standard output of a command that ended with 0. @throws CommandError with what it wrote, otherwise. */
export function runCommand(
  command: string,
  parameters: readonly string[],
  options: RunCommandOptions = {},
): Promise<string> {
  const { directory, environment, signal, onOutput } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      ...(directory === undefined ? {} : { cwd: directory }),
      ...(signal === undefined ? {} : { signal }),
    });
    const output = { stdout: '', all: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
      output.all += text;
      onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.all += text;
      onOutput?.(text);
    });
    child.once('error', (error) => reject(new CommandError(command, `could not be run (${error.message})`, '')));
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve(output.stdout);
      else reject(new CommandError(command, `ended with ${code ?? killedBy ?? 'an unknown status'}`, output.all));
    });
  });
}
