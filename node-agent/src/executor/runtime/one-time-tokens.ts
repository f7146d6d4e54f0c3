import { randomBytes } from 'node:crypto';
import type { RunnerAuthenticator } from '../ports.ts';

/** For runners that this process starts itself: each gets a random token through its environment. */
export class OneTimeTokens implements RunnerAuthenticator {
  readonly #namespaces = new Map<string, string>();

  issue(namespace: string): string {
    const token = randomBytes(32).toString('base64url');
    this.#namespaces.set(token, namespace);
    return token;
  }

  async accept(namespace: string, token: string): Promise<boolean> {
    const known = this.#namespaces.get(token);
    this.#namespaces.delete(token);
    return known === namespace;
  }
}
