import { runnerConfig } from './config.ts';
import { IsolateSandbox } from './isolate/isolate-sandbox.ts';
import { ThreadPool } from './isolate/thread-pool.ts';
import { Runner } from './runner.ts';

/** Started by an executor; what goes to standard error goes to the executor's log. */
async function main(): Promise<void> {
  const threads = new ThreadPool();
  threads.prepare();
  const runner = new Runner({
    config: runnerConfig(process.env),
    startSandbox: (options) => new IsolateSandbox(threads, options),
    abandon: endWith,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void runner.shutDown());
  const failure = await runner.run();
  endWith(failure?.message);
}

/** At once: an orderly exit would wait for threads that cannot be stopped, and see ThreadPool. */
function endWith(reason: string | undefined): void {
  if (reason !== undefined) process.stderr.write(`The runner ended: ${reason}\n`);
  process.kill(process.pid, 'SIGKILL');
}

try {
  await main();
} catch (error) {
  endWith(error instanceof Error ? error.message : String(error));
}
