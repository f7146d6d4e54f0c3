import { errorCode, errorMessage } from '../errors/index.ts';
import type { ProgramDescription } from './help-text.ts';
import { HelpRequested, loadConfig } from './load-config.ts';
import type { Config, Settings } from './setting.ts';

export interface LoadConfigOrExitOptions<S extends Settings> extends ProgramDescription {
  readonly settings: S;
  /** What comes before the settings on the command line, e.g. a subcommand, is taken off here. Default: nothing. */
  readonly argv?: readonly string[];
}

/**
 * For `main.ts` only: reads the environment and the command line of this process. `--help` prints to standard output
 * and exits with 0; wrong settings are listed on standard error, and the exit code is 2.
 */
export function loadConfigOrExit<const S extends Settings>(options: LoadConfigOrExitOptions<S>): Config<S> {
  try {
    return loadConfig({ argv: process.argv.slice(2), ...options, env: process.env });
  } catch (error) {
    const isHelp = error instanceof HelpRequested;
    (isHelp ? process.stdout : process.stderr).write(
      isHelp ? error.message : `${errorCode(error) ?? 'Failed'}: ${errorMessage(error)}\n`,
    );
    return process.exit(isHelp ? 0 : 2);
  }
}
