import { AutoWeaveError } from '@autoweave/platform/errors';
import type { TokenReviewStatus } from '@autoweave/platform/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reviewedIdentity } from './reviewed-identity.ts';

const expected = { audience: 'autoweave-executor', node: 'n1' };
const podUid = 'authentication.kubernetes.io/pod-uid';
const nodeName = 'authentication.kubernetes.io/node-name';

function review(username: string, more: Partial<TokenReviewStatus> = {}): TokenReviewStatus {
  const extra = { [podUid]: ['uid-1'], [nodeName]: ['n1'] };
  return { authenticated: true, audiences: ['autoweave-executor'], user: { username, extra }, ...more };
}

const good = 'system:serviceaccount:lab:autoweave-runner';

describe('the identity in a reviewed token', () => {
  it('is a namespace, for the account of its runners', () => {
    expect(reviewedIdentity(review(good), expected)).toEqual({ namespace: 'lab', podUid: 'uid-1' });
  });

  it('is a plugin, for an account of its own', () => {
    const identity = reviewedIdentity(review('system:serviceaccount:lab:awp-scanner'), expected);
    expect(identity).toEqual({ namespace: 'lab', plugin: 'scanner', podUid: 'uid-1' });
  });

  it.each<[string, TokenReviewStatus]>([
    ['that is not valid', review(good, { authenticated: false, error: 'token has expired' })],
    ['about which nothing is said', {}],
    ['for another audience', review(good, { audiences: ['https://kubernetes.default.svc'] })],
    ['of an API server that knows no audiences', review(good, { audiences: [] })],
    ['without a pod', review(good, { user: { username: good, extra: { [nodeName]: ['n1'] } } })],
    ['without a node', review(good, { user: { username: good, extra: { [podUid]: ['u'] } } })],
    ['of another node', review(good, { user: { username: good, extra: { [podUid]: ['u'], [nodeName]: ['n2'] } } })],
    ['of a user', review('autoweave-runner')],
    ['of a user who looks like an account', review(`${good}:x`)],
    ['of another account', review('system:serviceaccount:lab:default')],
    ['of an account that is no plugin', review('system:serviceaccount:lab:awp-')],
  ])('is none in a token %s', (_, status) => {
    expect(() => reviewedIdentity(status, expected)).toThrow(AutoWeaveError);
  });

  it('never is of another namespace than the token says', () => {
    const name = fc.stringMatching(/^[a-z0-9:-]{0,12}$/);
    fc.assert(
      fc.property(name, name, (namespace, account) => {
        try {
          const identity = reviewedIdentity(review(`system:serviceaccount:${namespace}:${account}`), expected);
          expect(identity.namespace).toBe(namespace);
          expect(account).toBe(identity.plugin === undefined ? 'autoweave-runner' : `awp-${identity.plugin}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'AW_RUNNER_REFUSED' });
        }
      }),
    );
  });
});
