import type { Executor } from './connection/executor-connection.ts';
import { reconnect } from './connection/reconnect.ts';
import { endWith, onStop } from './ending.ts';
import { IsolateSandbox } from './isolate/isolate-sandbox.ts';
import { ThreadPool } from './isolate/thread-pool.ts';
import { log } from './log.ts';
import { Runner } from './runner.ts';

/** As a process that an executor started: ends with its connection. */
export async function serveOnce(executor: Executor): Promise<void> {
  const runner = startRunner();
  onStop(() => void runner.shutDown());
  const { reason } = await runner.serve(executor);
  await runner.shutDown();
  endWith(reason?.message);
}

/** In a pod: dials again whenever the executor went, and keeps its plugins. */
export async function serveAlways(executor: Executor): Promise<void> {
  const leaving = new AbortController();
  const runner = startRunner();
  onStop(() => {
    leaving.abort();
    void runner.leave().then(() => endWith(undefined));
  });
  // Its supervisor is gone.
  process.once('disconnect', () => endWith('nobody supervises it'));
  await reconnect(() => runner.serve(executor), {
    signal: leaving.signal,
    lost: ({ reason }, retryMilliseconds) => {
      process.send?.(false);
      log('warn', 'Lost the executor', { reason: reason?.message ?? 'it hung up', retryMilliseconds });
    },
  });
}

function startRunner(): Runner {
  const threads = new ThreadPool();
  threads.prepare();
  return new Runner({
    startSandbox: (options) => new IsolateSandbox(threads, options),
    abandon: endWith,
    welcomed: () => process.send?.(true),
  });
}
