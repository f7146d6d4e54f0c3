import type { LiveRunner } from './live-runner.ts';

/** Where the runner comes from that serves a namespace, or a plugin. */
export interface RunnerSource {
  /** The one to use now. Waits for it, for a bounded time. @throws AutoWeaveError AW_RUNNER_UNAVAILABLE */
  runner(): Promise<LiveRunner>;
  /** Those in which something may be loaded. */
  runners(): Promise<readonly LiveRunner[]>;
  /** It is gone; how it ended, when that is known. */
  endOf(runner: LiveRunner): Promise<string>;
  /** Nothing is loaded in it any more. */
  emptied(runner: LiveRunner): Promise<void>;
  /** Whoever waits for a runner waits no more. Idempotent. */
  stop(): Promise<void>;
}
