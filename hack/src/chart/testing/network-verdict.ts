import type { KubernetesManifest } from './helm-client.ts';

/** A pod, or an address outside the cluster when it has no namespace. */
export interface Peer {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Connection {
  readonly from: Peer;
  readonly to: Peer;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

interface PolicyPeer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: object;
}

interface Rule {
  readonly from?: readonly PolicyPeer[];
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
}

interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** Whether the policies let a connection be made, by the rules of NetworkPolicy v1. Namespaces have no label but their name. */
export function isAllowed(manifests: readonly KubernetesManifest[], connection: Connection): boolean {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  const { from, to } = connection;
  return (
    sideAllows(policies, connection, { self: from, other: to, type: 'Egress' }) &&
    sideAllows(policies, connection, { self: to, other: from, type: 'Ingress' })
  );
}

interface Side {
  readonly self: Peer;
  readonly other: Peer;
  readonly type: 'Egress' | 'Ingress';
}

/** What no policy selects is open. */
function sideAllows(
  policies: readonly KubernetesManifest[],
  connection: Connection,
  { self, other, type }: Side,
): boolean {
  const selecting = policies.flatMap((policy) => {
    const spec = policy['spec'] as PolicySpec;
    const concerns = policy.metadata.namespace === self.namespace && selects(spec.podSelector, self.labels);
    return concerns && spec.policyTypes.includes(type) ? [{ spec, namespace: policy.metadata.namespace }] : [];
  });
  if (selecting.length === 0) return true;
  return selecting.some(({ spec, namespace }) => {
    const rules = (type === 'Egress' ? spec.egress : spec.ingress) ?? [];
    return rules.some((rule) => {
      const peers = type === 'Egress' ? rule.to : rule.from;
      return (
        hasPort(rule, connection) && (peers === undefined || peers.some((peer) => matches(peer, other, namespace)))
      );
    });
  });
}

function hasPort({ ports }: Rule, { port, protocol = 'TCP' }: Connection): boolean {
  return ports === undefined || ports.some((open) => open.port === port && (open.protocol ?? 'TCP') === protocol);
}

function matches(peer: PolicyPeer, { namespace, labels }: Peer, own: string | undefined): boolean {
  if (peer.ipBlock !== undefined || namespace === undefined)
    return peer.ipBlock !== undefined && namespace === undefined;
  const inNamespace =
    peer.namespaceSelector === undefined
      ? namespace === own
      : selects(peer.namespaceSelector, { 'kubernetes.io/metadata.name': namespace });
  return inNamespace && (peer.podSelector === undefined || selects(peer.podSelector, labels));
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Peer['labels'] = {}): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  );
}
