import { setMaxListeners } from 'node:events';
import { InterruptedError, reportError } from './command-line/report-error.ts';
import { runCommandLine } from './command-line/run-command-line.ts';
import { wantsColours } from './terminal/colour.ts';
import { Output } from './terminal/output.ts';

function main(): void {
  const stopping = new AbortController();
  // Every request under way listens.
  setMaxListeners(0, stopping.signal);
  const output = new Output({
    stdout: process.stdout,
    stderr: process.stderr,
    colours: wantsColours(process.stdout.isTTY, process.env),
    onBroken: (error) => stopping.abort(error),
  });
  // Once: whoever presses Ctrl-C again does not want to wait.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stopping.abort(new InterruptedError(signal)));
  }
  const running = runCommandLine(process.argv.slice(2), { env: process.env, output, signal: stopping.signal });
  running
    .catch((error: unknown) => reportError(error, output))
    .then(
      (code) => process.exit(code),
      () => process.exit(1),
    );
}

main();
