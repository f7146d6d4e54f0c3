import { groupVersion } from '@autoweave/crds';
import type { KubeObject } from '@autoweave/platform/kube';
import type { ClusterNode, DaemonSet, Deployment, Pod, Taint } from '../cluster/kinds.ts';
import { withFields } from './plugin-cluster.ts';
import { sampleNode } from './sample-objects.ts';

/** What the chart makes, as far as doctor looks at it, on the nodes desk-1 and desk-2. */
export function sampleInstallation(operatorAddress: {
  readonly host: string;
  readonly port: number;
}): readonly KubeObject[] {
  const conditions = { Ready: true, UsbAvailable: true, RedisReachable: true, JournalWritable: true };
  return [
    ...['autoweave-system', 'autoweave-node'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })),
    ...['desk-1', 'desk-2'].flatMap((name) => [clusterNode(name), agentPod(name), sampleNode(name, conditions)]),
    operatorDeployment(),
    operatorPod(operatorAddress),
    agentDaemonSet(),
    lease(new Date()),
    { apiVersion: groupVersion, kind: 'AutoWeavePolicy', metadata: { name: 'default' }, spec: {} } as KubeObject,
    ...['autoweave-node-agent', 'autoweave-operator-nodes'].flatMap(admissionObjects),
  ];
}

function labelsOf(component: string): Record<string, string> {
  return { 'app.kubernetes.io/name': 'autoweave', 'app.kubernetes.io/component': component };
}

const metadataOf = (component: string, namespace: string) => ({
  name: `autoweave-${component}`,
  namespace,
  labels: labelsOf(component),
});

function workloadSpec(component: string, port: number): Deployment['spec'] {
  const labels = { ...labelsOf(component), 'app.kubernetes.io/version': '0.1.0' };
  const containers = [{ name: component, image: 'x', ports: [{ name: 'probes', containerPort: port }] }];
  return { selector: { matchLabels: labelsOf(component) }, template: { metadata: { labels }, spec: { containers } } };
}

export function operatorDeployment(available = 1): Deployment {
  const status = {
    observedGeneration: 100,
    replicas: 1,
    updatedReplicas: 1,
    availableReplicas: available,
    readyReplicas: available,
  };
  const metadata = metadataOf('operator', 'autoweave-system');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { ...workloadSpec('operator', 8080), replicas: 1 },
    status,
  };
}

function agentDaemonSet(): DaemonSet {
  const counts = {
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
  };
  const status = { observedGeneration: 100, numberMisscheduled: 0, numberReady: 2, ...counts };
  const metadata = metadataOf('node-agent', 'autoweave-node');
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: workloadSpec('node-agent', 8081), status };
}

function operatorPod({ host, port }: { readonly host: string; readonly port: number }): Pod {
  const containers = [{ name: 'operator', image: 'x', ports: [{ name: 'probes', containerPort: port }] }];
  const metadata = { name: 'autoweave-operator-x', namespace: 'autoweave-system', labels: labelsOf('operator') };
  const status = { phase: 'Running', podIP: host, podIPs: [{ ip: host }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers }, status };
}

function agentPod(nodeName: string): Pod {
  const metadata = {
    name: `autoweave-node-agent-${nodeName}`,
    namespace: 'autoweave-node',
    labels: labelsOf('node-agent'),
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName, containers: [{ name: 'agent', image: 'x' }] } };
}

export function clusterNode(name: string, taints: readonly Taint[] = []): ClusterNode {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints } };
}

/** Held by a replica that renewed it then, and will again within `seconds`. */
export function lease(renewTime: Date, seconds = 3_600): KubeObject {
  const metadata = { name: 'autoweave-operator', namespace: 'autoweave-system' };
  const spec = {
    holderIdentity: 'autoweave-operator-x',
    leaseDurationSeconds: seconds,
    renewTime: renewTime.toISOString().replace('Z', '000Z'),
  };
  return withFields({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata }, { spec });
}

function admissionObjects(name: string): readonly KubeObject[] {
  const base = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name } };
  const rule = {
    apiGroups: ['autoweave.dev'],
    apiVersions: ['v1alpha1'],
    operations: ['CREATE'],
    resources: ['usbnodes'],
  };
  const spec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] };
  const binding = { policyName: name, validationActions: ['Deny'] };
  return [
    withFields({ ...base, kind: 'ValidatingAdmissionPolicy' }, { spec }),
    withFields({ ...base, kind: 'ValidatingAdmissionPolicyBinding' }, { spec: binding }),
  ];
}

/** What the chart grants. */
export const serviceAccountRules = {
  'system:serviceaccount:autoweave-system:autoweave-operator': [
    { apiGroups: ['autoweave.dev'], resources: ['usbdevices', 'usbnodes'], verbs: ['get', 'list', 'watch', 'delete'] },
    {
      apiGroups: ['autoweave.dev'],
      resources: ['autoweaveplugins', 'autoweavepolicies'],
      verbs: ['get', 'list', 'watch'],
    },
    { apiGroups: ['autoweave.dev'], resources: ['usbdevices/status', 'autoweaveplugins/status'], verbs: ['patch'] },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
  ],
  'system:serviceaccount:autoweave-node:autoweave-node-agent': [
    { apiGroups: ['autoweave.dev'], resources: ['usbdevices', 'usbnodes'], verbs: ['create', 'patch'] },
    { apiGroups: ['autoweave.dev'], resources: ['usbdevices/status', 'usbnodes/status'], verbs: ['patch'] },
    { apiGroups: ['autoweave.dev'], resources: ['usbnodes', 'autoweavepolicies'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  ],
} as const;
