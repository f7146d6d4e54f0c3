import { errorCode, errorMessage } from '@autoweave/platform/errors';
import { KubeError } from '@autoweave/platform/kube';
import type { Logger } from '@autoweave/platform/telemetry';

const shortestPauseMilliseconds = 200;
const longestPauseMilliseconds = 5000;

/** Whether writing makes sense now: when the API server is away, everybody waits, and the log says so once. */
export class ApiAvailability {
  readonly #logger: Logger;
  #problem: string | undefined = 'the API server was not reached yet';
  #failures = 0;
  #pausedUntil = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Why nothing can be written; undefined when it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Milliseconds to wait before the next attempt, with jitter, so that not all who wait come at once. */
  get pauseMilliseconds(): number {
    const left = this.#pausedUntil - performance.now();
    return left <= 0 ? 0 : left * (1 + Math.random() / 4);
  }

  succeeded(): void {
    if (this.#failures > 0) this.#logger.info({ failures: this.#failures }, 'API server took writes again');
    this.#failures = 0;
    this.#problem = undefined;
  }

  /** @returns false when the error is about the one object only, and others may be written. */
  failed(error: unknown): boolean {
    if (!concernsAll(error)) return false;
    this.#failures += 1;
    const asked = error instanceof KubeError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const doubled = shortestPauseMilliseconds * 2 ** Math.min(this.#failures - 1, 10);
    const pause = Math.min(doubled, longestPauseMilliseconds) * (0.5 + Math.random() / 2);
    this.#pausedUntil = performance.now() + Math.max(asked, pause);
    const problem = errorMessage(error);
    if (problem !== this.#problem) this.#logger.warn({ err: error }, 'API server takes no writes');
    this.#problem = problem;
    return true;
  }
}

/** No connection, no rights, no such kind, too busy, or broken: the next object would fare no better. */
function concernsAll(error: unknown): boolean {
  const code = errorCode(error);
  if (code === 'AW_KUBE_UNREACHABLE' || code === 'AW_CRD_MISSING') return true;
  return error instanceof KubeError && ([401, 403, 429].includes(error.status) || error.status >= 500);
}
