import { kubeletClient } from './credentials.ts';
import { network } from './network.ts';

const rbac = 'rbac.authorization.k8s.io';
const dnsPorts = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
];

/** What every cluster has beside what the API server makes by itself, as a List to apply. */
export function clusterObjects(): unknown {
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
        spec: { clusterIP: network.dnsService, ports: dnsPorts },
      },
      dnsEndpoints(),
      {
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRole',
        metadata: { name: 'system:coredns' },
        rules: [
          { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
          { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
        ],
      },
      roleOfUser('system:coredns', 'system:coredns'),
      roleOfUser('system:kubelet-api-admin', kubeletClient),
    ],
  };
}

/** CoreDNS is no pod, so no selector finds it. */
function dnsEndpoints(): unknown {
  const labels = {
    'kubernetes.io/service-name': 'kube-dns',
    'endpointslice.kubernetes.io/managed-by': 'autoweave-cluster',
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
    addressType: 'IPv4',
    ports: dnsPorts,
    endpoints: [{ addresses: [network.nodes.host], conditions: { ready: true } }],
  };
}

function roleOfUser(role: string, user: string): unknown {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: role },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbac, kind: 'User', name: user }],
  };
}
