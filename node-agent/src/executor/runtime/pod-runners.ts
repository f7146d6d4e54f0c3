import { AutoWeaveError } from '@autoweave/platform/errors';
import type { Logger } from '@autoweave/platform/telemetry';
import type { LiveRunner } from './live-runner.ts';
import type { RunnerSource } from './runner-source.ts';

/** A pod starts within seconds, and one that lost its executor dials again at least every 5 s. */
const longestWaitMilliseconds = 15_000;
/** Of who comes when that has passed long ago: a job that goes back to its room comes again at once. */
const shortestWaitMilliseconds = 2_000;
/** An unload is told to a runner that dials again; where none is, nothing is loaded. */
const unloadWaitMilliseconds = 5_000;

export interface PodRunnersOptions {
  /** For messages: whose runner it is. */
  readonly name: string;
  readonly logger: Logger;
  /** Milliseconds since whenever, never going back. */
  readonly now?: () => number;
}

/**
 * The runners of one namespace, or of one plugin, that dial in: pods of the same kind, mostly one. The newest one gets
 * the calls; an older one (a rolling update, or a second replica on this node) finishes what it runs, is emptied and
 * stays connected, to take over when the newer one goes.
 */
export class PodRunners implements RunnerSource {
  readonly #name: string;
  readonly #logger: Logger;
  readonly #now: () => number;
  /** Oldest first. */
  readonly #connected: LiveRunner[] = [];
  readonly #waiters = new Set<PromiseWithResolvers<LiveRunner>>();
  #stopped = false;
  /** When the last usable one went, or the first was asked for. */
  #absentSince: number | undefined;

  constructor({ name, logger, now = () => performance.now() }: PodRunnersOptions) {
    this.#name = name;
    this.#logger = logger;
    this.#now = now;
  }

  get count(): number {
    return this.#connected.length;
  }

  arrived(runner: LiveRunner): void {
    const { podUid } = runner.identity;
    const former = this.#newest();
    const own = podUid === undefined ? [] : this.#connected.filter(({ identity }) => identity.podUid === podUid);
    for (const earlier of own) earlier.close('its pod dialled again');
    this.#connected.push(runner);
    this.#absentSince = undefined;
    for (const { resolve } of this.#waiters) resolve(runner);
    this.#logger.info({ runner: this.#name, podUid }, 'Runner connected');
    void this.#forgetWhenGone(runner);
    if (former !== undefined && !own.includes(former)) void former.retire();
  }

  async runner(): Promise<LiveRunner> {
    this.#absentSince ??= this.#now();
    const waited = this.#now() - this.#absentSince;
    const runner = await this.#await(Math.max(longestWaitMilliseconds - waited, shortestWaitMilliseconds));
    this.#absentSince = undefined;
    return runner;
  }

  async runners(): Promise<readonly LiveRunner[]> {
    try {
      if (this.#connected.length === 0) await this.#await(unloadWaitMilliseconds);
    } catch {
      // There is none.
    }
    return this.#connected;
  }

  endOf(runner: LiveRunner): Promise<string> {
    return runner.gone;
  }

  /** The kubelet ends pods, not we. */
  emptied(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { reject } of this.#waiters) reject(stopped());
    for (const runner of this.#connected) runner.close('the executor stops');
  }

  async #await(milliseconds: number): Promise<LiveRunner> {
    if (this.#stopped) throw stopped();
    const newest = this.#newest();
    if (newest !== undefined) return newest;
    const waiter = Promise.withResolvers<LiveRunner>();
    const timer = setTimeout(() => waiter.reject(this.#unavailable()), milliseconds);
    this.#waiters.add(waiter);
    try {
      return await waiter.promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  #newest(): LiveRunner | undefined {
    return this.#connected.findLast(({ usable }) => usable);
  }

  async #forgetWhenGone(runner: LiveRunner): Promise<void> {
    const reason = await runner.gone;
    this.#connected.splice(this.#connected.indexOf(runner), 1);
    if (this.#newest() === undefined) this.#absentSince = this.#now();
    this.#logger.info({ runner: this.#name, podUid: runner.identity.podUid, reason }, 'Runner disconnected');
  }

  #unavailable(): AutoWeaveError {
    return new AutoWeaveError('AW_RUNNER_UNAVAILABLE', `no runner of ${this.#name} is connected on this node`);
  }
}

function stopped(): AutoWeaveError {
  return new AutoWeaveError('AW_PLUGIN_ENDED', 'the executor stops');
}
