import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Must survive what ends us: it is told of our death by the end of its standard input, which the kernel closes even
 * after SIGKILL. It is a session of its own so that Ctrl-C in the terminal does not reach it.
 */
const script = 'read -r _; [ "$1" = none ] || kill -9 "-$1" 2>/dev/null; [ "$2" = none ] || rm -rf -- "$2"';

export interface DeathWatchOptions {
  /** The leader of a process group, which is killed when this process is gone. */
  readonly processId?: number | undefined;
  /** Removed when this process is gone. */
  readonly directory?: string | undefined;
}

/** Cleans up after this process, however it ends. Call `disarm` when the cleaning was done in the orderly way. */
export class DeathWatch {
  readonly #watcher: ChildProcess;

  constructor({ processId, directory }: DeathWatchOptions) {
    const parameters = [String(processId ?? 'none'), directory ?? 'none'];
    this.#watcher = spawn('/bin/sh', ['-c', script, 'death-watch', ...parameters], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#watcher.on('error', () => this.disarm());
    this.#watcher.stdin?.on('error', () => this.disarm());
    this.#watcher.unref();
    // The pipe must not keep our event loop alive; its type is a socket at run time.
    const pipe = this.#watcher.stdin as { unref?: () => void } | null;
    pipe?.unref?.();
  }

  disarm(): void {
    this.#watcher.kill('SIGKILL');
  }
}
