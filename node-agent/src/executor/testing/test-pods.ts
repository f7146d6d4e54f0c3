import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  builtinResources,
  KubeClient,
  type KubeObject,
  loadClusterAccess,
  resourcePath,
} from '@autoweave/platform/kube';

export interface TestPod {
  readonly name: string;
  readonly uid: string;
  readonly account: string;
}

export interface TokenOptions {
  readonly audience?: string;
  /** Of the token; default: bound to the pod. */
  readonly bound?: boolean;
}

interface Claims {
  readonly exp: number;
  readonly [name: string]: unknown;
}

/** A namespace and nodes of its own on the shared API server, with pods that no kubelet runs and tokens of theirs. */
export class TestPods {
  readonly client: KubeClient;
  readonly namespace = `pods-${randomUUID().slice(0, 8)}`;
  readonly node: string;
  readonly otherNode: string;
  readonly #key: string;

  /** @param kubeconfigPath beside which the key lies that the API server signs tokens with */
  static async start(kubeconfigPath: string, node = `node-${randomUUID().slice(0, 8)}`): Promise<TestPods> {
    const access = await loadClusterAccess({ kubeconfigPath });
    const key = await readFile(join(dirname(kubeconfigPath), 'service-accounts.key'), 'utf8');
    const pods = new TestPods(new KubeClient(access, { userAgent: 'autoweave-test' }), key, node);
    await pods.client.create(builtinResources.namespace, { metadata: { name: pods.namespace } });
    for (const name of [pods.node, pods.otherNode])
      await pods.client.create(builtinResources.node, { metadata: { name } });
    return pods;
  }

  private constructor(client: KubeClient, key: string, node: string) {
    this.client = client;
    this.#key = key;
    this.node = node;
    this.otherNode = `${node}-other`;
  }

  async account(name: string): Promise<void> {
    await this.client.create(builtinResources.serviceAccount, { metadata: { name, namespace: this.namespace } });
  }

  async pod(account: string, node = this.node): Promise<TestPod> {
    const name = `${account}-${randomUUID().slice(0, 6)}`;
    const spec = { serviceAccountName: account, nodeName: node, containers: [{ name: 'a', image: 'a' }] };
    const { metadata } = await this.client.create<PodObject>(builtinResources.pod, {
      metadata: { name, namespace: this.namespace },
      spec,
    });
    return { name, uid: metadata.uid ?? '', account };
  }

  async deletePod({ name }: TestPod): Promise<void> {
    const path = resourcePath(builtinResources.pod, { name, namespace: this.namespace });
    await this.client.request({ method: 'DELETE', path, body: '{"gracePeriodSeconds":0}' });
  }

  /** As the kubelet asks for it, for a projected volume. */
  async token(pod: TestPod, { audience = 'autoweave-executor', bound = true }: TokenOptions = {}): Promise<string> {
    const path = resourcePath(builtinResources.serviceAccount, {
      name: pod.account,
      namespace: this.namespace,
      subresource: 'token',
    });
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: pod.name, uid: pod.uid };
    const body = JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [audience], expirationSeconds: 600, ...(bound ? { boundObjectRef } : {}) },
    });
    const answer = JSON.parse(await this.client.request({ method: 'POST', path, body })) as TokenAnswer;
    return answer.status.token;
  }

  /** The same token with other claims, signed by the same key. */
  forge(token: string, change: (claims: Claims) => Claims): string {
    const [header = '', body = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    const signed = `${header}.${Buffer.from(JSON.stringify(change(claims))).toString('base64url')}`;
    const key = createPrivateKey(this.#key);
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }

  async stop(): Promise<void> {
    await this.client.delete(builtinResources.namespace, { name: this.namespace });
    for (const name of [this.node, this.otherNode]) await this.client.delete(builtinResources.node, { name });
    this.client.close();
  }
}

interface PodObject extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
}

interface TokenAnswer {
  readonly status: { readonly token: string };
}
