import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { AutoWeaveError, errorCode } from '@autoweave/platform/errors';
import { KubeClient } from '@autoweave/platform/kube';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunnerIdentity } from '../ports.ts';
import { type TestPod, TestPods } from '../testing/test-pods.ts';
import { TokenReviewAuthenticator } from './token-review-authenticator.ts';

let pods: TestPods;
let runner: TestPod;
let plugin: TestPod;

beforeAll(async () => {
  pods = await TestPods.start(inject('kubeconfigPath'));
  for (const account of ['autoweave-runner', 'awp-scanner', 'default']) await pods.account(account);
  runner = await pods.pod('autoweave-runner');
  plugin = await pods.pod('awp-scanner');
});
afterAll(() => pods.stop());

/** @returns who the token says it is, or the code of the refusal. */
async function identify(
  token: string,
  authenticator = new TokenReviewAuthenticator({ client: pods.client, node: pods.node }),
  namespace = pods.namespace,
): Promise<RunnerIdentity | string | undefined> {
  try {
    return await authenticator.identify({ namespace, token });
  } catch (error) {
    expect(error).toBeInstanceOf(AutoWeaveError);
    return errorCode(error);
  }
}

describe('a token that the API server reviews', () => {
  it('tells the namespace of a runner, or the plugin', async () => {
    const { namespace } = pods;
    expect(await identify(await pods.token(runner))).toEqual({ namespace, podUid: runner.uid });
    expect(await identify(await pods.token(plugin))).toEqual({ namespace, plugin: 'scanner', podUid: plugin.uid });
  });

  it('is refused when its pod says that it serves another namespace', async () => {
    expect(await identify(await pods.token(plugin), undefined, 'kube-system')).toBe('AW_RUNNER_REFUSED');
  });

  it('is refused when it is for another audience', async () => {
    const token = await pods.token(runner, { audience: 'https://kubernetes.default.svc' });
    expect(await identify(token)).toBe('AW_RUNNER_REFUSED');
  });

  it('is refused when its pod is on another node', async () => {
    const elsewhere = await pods.pod('autoweave-runner', pods.otherNode);
    expect(await identify(await pods.token(elsewhere))).toBe('AW_RUNNER_REFUSED');
  });

  it('is refused when it is bound to no pod, or of an account that runs no plugins', async () => {
    expect(await identify(await pods.token(runner, { bound: false }))).toBe('AW_RUNNER_REFUSED');
    expect(await identify(await pods.token(await pods.pod('default')))).toBe('AW_RUNNER_REFUSED');
  });

  it('is refused when its pod is gone', async () => {
    const gone = await pods.pod('autoweave-runner');
    const token = await pods.token(gone);
    await pods.deletePod(gone);
    // The API server remembers an answer for ten seconds.
    await expect.poll(() => identify(token), { interval: 1000 }).toBe('AW_RUNNER_REFUSED');
  });

  it('is refused when it is expired, and not for anything else', async () => {
    const token = await pods.token(runner);
    const now = Math.floor(Date.now() / 1000);
    expect(await identify(pods.forge(token, (claims) => ({ ...claims, exp: now + 60 })))).toMatchObject({
      podUid: runner.uid,
    });
    expect(await identify(pods.forge(token, (claims) => ({ ...claims, exp: now - 60 })))).toBe('AW_RUNNER_REFUSED');
  });

  it.each(['', 'x', 'a.b.c', 'ü'.repeat(100), '\u0000'])('is refused when it is rubbish: %j', async (token) => {
    expect(await identify(token)).toBe('AW_RUNNER_REFUSED');
  });

  it('cannot be reviewed by who may not, which is said as something that may pass', async () => {
    const { access } = pods.client;
    const token = async (): Promise<string> => pods.token(plugin, { audience: 'https://kubernetes.default.svc' });
    const client = new KubeClient({ ...access, token });
    const authenticator = new TokenReviewAuthenticator({ client, node: pods.node });
    expect(await identify(await pods.token(runner), authenticator)).toBe('AW_KUBE_REFUSED');
    client.close();
  });
});

describe('while the API server is away', () => {
  it('a token that was seen just now is good, another one has to wait', async () => {
    const [known, other] = [await pods.token(runner), await pods.token(plugin)];
    const { access } = pods.client;
    const wire = createServer((socket) => {
      const { hostname, port } = access.server;
      const upstream = connect(Number(port), hostname).on('error', () => socket.destroy());
      socket
        .on('error', () => upstream.destroy())
        .pipe(upstream)
        .pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(wire, 'listening');
    const server = new URL(`https://127.0.0.1:${(wire.address() as AddressInfo).port}`);
    const client = new KubeClient({ ...access, server }, { requestTimeoutMilliseconds: 5000 });
    let now = 0;
    const authenticator = new TokenReviewAuthenticator({ client, node: pods.node, now: () => now });
    expect(await identify(known, authenticator)).toMatchObject({ podUid: runner.uid });

    client.close();
    wire.close();
    expect(await identify(known, authenticator)).toMatchObject({ podUid: runner.uid });
    expect(await identify(other, authenticator)).toBe('AW_KUBE_UNREACHABLE');
    now = 30_001;
    expect(await identify(known, authenticator)).toBe('AW_KUBE_UNREACHABLE');
  });
});
