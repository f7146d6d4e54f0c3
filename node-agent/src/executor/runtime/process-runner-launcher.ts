import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Logger } from '@autoweave/platform/telemetry';
import type { RunnerLaunch, RunnerLauncher, RunnerProcess } from '../ports.ts';

const longestLine = 1000;

/** Runners as child processes. They inherit nothing: no environment, no open files, no standard input. */
export class ProcessRunnerLauncher implements RunnerLauncher {
  readonly #entry: string;
  readonly #logger: Logger;

  /** @param entry path of the main module of the runner */
  constructor(entry: string, logger: Logger) {
    this.#entry = entry;
    this.#logger = logger;
  }

  launch({ namespace, socketPath, token }: RunnerLaunch): RunnerProcess {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', this.#entry], {
      env: { AW_RUNNER_SOCKET: socketPath, AW_RUNNER_NAMESPACE: namespace, AW_RUNNER_TOKEN: token },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#logger.warn({ namespace, line: line.slice(0, longestLine) }, 'The runner wrote to standard error');
    });
    return { ended, kill: () => child.kill('SIGKILL') };
  }
}
