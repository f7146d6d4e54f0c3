import { builtinResources } from './builtin-resources.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeConnectionError } from './kube-error.ts';
import { groupVersionOf, resourcePath } from './resource.ts';

export interface TokenReviewSpec {
  readonly token: string;
  readonly audiences: readonly string[];
}

/** What the API server knows of a token (authentication.k8s.io/v1). */
export interface TokenReviewStatus {
  readonly authenticated?: boolean;
  /** Those asked for that the token is meant for. An API server without audiences says none. */
  readonly audiences?: readonly string[];
  readonly error?: string;
  readonly user?: {
    readonly username?: string;
    readonly uid?: string;
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
}

/** Asks whose a token is. It takes the verb `create` on `tokenreviews`. @throws KubeError, KubeConnectionError */
export async function reviewToken(
  client: KubeClient,
  { token, audiences }: TokenReviewSpec,
  signal?: AbortSignal,
): Promise<TokenReviewStatus> {
  const { tokenReview } = builtinResources;
  const { kind } = tokenReview;
  const path = resourcePath(tokenReview, {});
  const body = JSON.stringify({ apiVersion: groupVersionOf(tokenReview), kind, spec: { token, audiences } });
  const text = await client.request({ method: 'POST', path, body, signal });
  const { status } = parsed(text);
  if (status === undefined) throw new KubeConnectionError(`POST ${path} was answered without a status`);
  return status;
}

function parsed(text: string): { readonly status?: TokenReviewStatus } {
  try {
    return JSON.parse(text) as { status?: TokenReviewStatus };
  } catch (error) {
    throw new KubeConnectionError('a TokenReview was not answered with JSON', { cause: error });
  }
}
