import { randomBytes } from 'node:crypto';
import { AutoWeaveError } from '@autoweave/platform/errors';
import type { RunnerAuthenticator, RunnerClaim, RunnerIdentity } from '../ports.ts';

/** For runners that this process starts itself: each gets a random token through its environment. */
export class OneTimeTokens implements RunnerAuthenticator {
  readonly #namespaces = new Map<string, string>();

  /** What the next runner of the namespace has to say, once. */
  issue(namespace: string): string {
    const token = randomBytes(32).toString('base64url');
    this.#namespaces.set(token, namespace);
    return token;
  }

  async identify({ namespace, token }: RunnerClaim): Promise<RunnerIdentity> {
    const known = this.#namespaces.get(token);
    this.#namespaces.delete(token);
    if (known === namespace) return { namespace };
    throw new AutoWeaveError('AW_RUNNER_REFUSED', `it did not prove that it serves namespace ${namespace}`);
  }
}
