import { workloadNames } from '@autoweave/crds';
import { AutoWeaveError } from '@autoweave/platform/errors';
import type { TokenReviewStatus } from '@autoweave/platform/kube';
import type { RunnerIdentity } from '../ports.ts';

export interface ExpectedReview {
  readonly audience: string;
  /** Of this executor. */
  readonly node: string;
}

/** Claims of a token that is bound to a pod (kubernetes/kubernetes pkg/serviceaccount/util.go). */
const claims = {
  podUid: 'authentication.kubernetes.io/pod-uid',
  nodeName: 'authentication.kubernetes.io/node-name',
};
const pluginPrefix = workloadNames.plugin('');

/**
 * Who a reviewed token belongs to: the name of the service account tells what its pod may serve.
 * @throws AutoWeaveError AW_RUNNER_REFUSED
 */
export function reviewedIdentity(review: TokenReviewStatus, { audience, node }: ExpectedReview): RunnerIdentity {
  const { authenticated, audiences = [], error = 'the API server does not know it' } = review;
  if (authenticated !== true) throw refused(`its token is not valid for ${audience}: ${error}`);
  // An API server that knows no audiences says none, and would take any token.
  if (!audiences.includes(audience)) throw refused(`its token is not meant for ${audience}`);
  const podUid = claim(review, claims.podUid);
  if (podUid === undefined) throw refused('its token is not bound to a pod');
  const itsNode = claim(review, claims.nodeName);
  if (itsNode !== node) throw refused(`its pod is on node ${itsNode ?? '(none)'}, and this is ${node}`);
  return { ...servedBy(review.user?.username ?? ''), podUid };
}

function claim({ user }: TokenReviewStatus, name: string): string | undefined {
  return user?.extra?.[name]?.[0];
}

function servedBy(username: string): RunnerIdentity {
  const [system, kind, namespace = '', account = '', ...rest] = username.split(':');
  if (system !== 'system' || kind !== 'serviceaccount' || namespace === '' || rest.length > 0) {
    throw refused(`${username} is no service account`);
  }
  if (account === workloadNames.runner) return { namespace };
  const plugin = account.startsWith(pluginPrefix) ? account.slice(pluginPrefix.length) : '';
  if (plugin === '') throw refused(`service account ${account} runs no plugins`);
  return { namespace, plugin };
}

function refused(message: string): AutoWeaveError {
  return new AutoWeaveError('AW_RUNNER_REFUSED', message);
}
