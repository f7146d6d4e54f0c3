import { Worker } from 'node:worker_threads';

/**
 * Threads for isolates. One is kept started: starting takes 50 ms, which a plugin that loads need not wait for.
 *
 * A thread is never ended, but used again for another isolate: a thread that has used isolated-vm (7.0.1) and ends
 * while V8 collects garbage aborts the process (ClassHandle::WeakCallback runs after its environment is gone). For
 * the same reason a process with such threads should end by SIGKILL.
 */
export class ThreadPool {
  readonly #idle: Worker[] = [];

  take(): Worker {
    const thread = this.#idle.pop() ?? startThread();
    setImmediate(() => this.prepare());
    return thread;
  }

  /** The thread has disposed of its isolate. */
  giveBack(thread: Worker): void {
    this.#idle.push(thread);
  }

  prepare(): void {
    if (this.#idle.length === 0) this.#idle.push(startThread());
  }
}

/** The limits are those of the thread itself, which holds a bundle and little else; the isolate has its own. */
function startThread(): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./isolate-thread.${extension}`, import.meta.url), {
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
  });
}
