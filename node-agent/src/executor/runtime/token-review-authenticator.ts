import { createHash } from 'node:crypto';
import { runnerPod } from '@autoweave/crds';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import { KubeError, type KubeClient, reviewToken, type TokenReviewStatus } from '@autoweave/platform/kube';
import type { RunnerAuthenticator, RunnerClaim, RunnerIdentity } from '../ports.ts';
import { reviewedIdentity } from './reviewed-identity.ts';

/** A pod that was deleted is believed this long, if it dials again. */
const cacheMilliseconds = 30_000;
const maxCached = 1024;

export interface TokenReviewAuthenticatorOptions {
  /** With a request timeout of few seconds: a runner waits. */
  readonly client: KubeClient;
  /** Only runners of this node are served. */
  readonly node: string;
  /** Milliseconds since whenever, never going back. */
  readonly now?: () => number;
}

interface Cached {
  readonly identity: Promise<RunnerIdentity>;
  readonly until: number;
}

/** For runners in pods: asks the API server whose the token is. It has to be bound to a pod, and for us alone. */
export class TokenReviewAuthenticator implements RunnerAuthenticator {
  readonly #client: KubeClient;
  readonly #node: string;
  readonly #now: () => number;
  /** By the hash of the token: no token stays in memory. */
  readonly #cache = new Map<string, Cached>();

  constructor({ client, node, now = () => performance.now() }: TokenReviewAuthenticatorOptions) {
    this.#client = client;
    this.#node = node;
    this.#now = now;
  }

  /** @throws AutoWeaveError AW_RUNNER_REFUSED; AW_KUBE_UNREACHABLE, AW_KUBE_REFUSED when it may be tried again */
  async identify({ namespace, token }: RunnerClaim): Promise<RunnerIdentity> {
    if (token === '') throw new AutoWeaveError('AW_RUNNER_REFUSED', 'it said no token');
    const identity = await this.#reviewed(token);
    if (identity.namespace === namespace) return identity;
    const message = `its token is of namespace ${identity.namespace}, and it wants to serve ${namespace}`;
    throw new AutoWeaveError('AW_RUNNER_REFUSED', message);
  }

  #reviewed(token: string): Promise<RunnerIdentity> {
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#cache.get(key);
    if (known !== undefined && this.#now() < known.until) return known.identity;
    this.#prune();
    const identity = this.#review(token);
    this.#cache.set(key, { identity, until: this.#now() + cacheMilliseconds });
    // A refusal is not kept: who guesses tokens would fill the cache, and the API server may be back.
    identity.catch(() => this.#cache.delete(key));
    return identity;
  }

  async #review(token: string): Promise<RunnerIdentity> {
    const audience = runnerPod.tokenAudience;
    let status: TokenReviewStatus;
    try {
      status = await reviewToken(this.#client, { token, audiences: [audience] });
    } catch (error) {
      const code = error instanceof KubeError ? 'AW_KUBE_REFUSED' : 'AW_KUBE_UNREACHABLE';
      throw new AutoWeaveError(code, `the token cannot be reviewed now: ${errorMessage(error)}`, { cause: error });
    }
    return reviewedIdentity(status, { audience, node: this.#node });
  }

  #prune(): void {
    const now = this.#now();
    for (const [key, { until }] of this.#cache) {
      if (until <= now || this.#cache.size >= maxCached) this.#cache.delete(key);
    }
  }
}
