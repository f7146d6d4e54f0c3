import { stringify } from 'yaml';
import { configurationFile } from '../layout.ts';
import type { ClusterServer } from './server.ts';

/** Simulates the nodes that have the annotation, and the pods on them. */
export const kwokAnnotation = { 'kwok.x-k8s.io/node': 'fake' };

export function kwokServer(kwok: string): ClusterServer {
  const [selector = []] = Object.entries(kwokAnnotation);
  const parameters = [
    `--config=${configurationFile('kwok.yaml')}`,
    `--kubeconfig=${configurationFile('kwok.kubeconfig')}`,
    `--manage-nodes-with-annotation-selector=${selector.join('=')}`,
    // As a kubelet; without a lease the node would be taken for lost.
    '--node-lease-duration-seconds=40',
  ];
  return { name: 'kwok', command: [kwok, ...parameters] };
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

const isNotReady: Expression = {
  key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
  operator: 'NotIn',
  values: ['True'],
};
const isDeleted: Expression = { key: '.metadata.deletionTimestamp', operator: 'Exists' };
const isKept: Expression = { ...isDeleted, operator: 'DoesNotExist' };

/** What happens to simulated nodes and pods: all goes well at once. */
export function kwokConfiguration(): string {
  return [
    stage({ name: 'node-ready', kind: 'Node', when: [isNotReady], next: { statusTemplate: nodeStatus } }),
    stage({
      name: 'pod-ready',
      kind: 'Pod',
      when: [isKept, isNotReady],
      next: { statusTemplate: podStatus },
    }),
    stage({ name: 'pod-deleted', kind: 'Pod', when: [isDeleted], next: { delete: true } }),
  ].join('---\n');
}

function stage(options: {
  readonly name: string;
  readonly kind: 'Node' | 'Pod';
  readonly when: readonly Expression[];
  readonly next: unknown;
}): string {
  const { name, kind, when, next } = options;
  return stringify({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions: when }, next },
  });
}

const resources = '{ cpu: 16, memory: 64Gi, pods: 1000 }';

const nodeStatus = `
conditions:
- type: Ready
  status: "True"
  reason: Simulated
  message: ""
  lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}
addresses:
- { type: Hostname, address: {{ .metadata.name | Quote }} }
capacity: ${resources}
allocatable: ${resources}
`;

const podStatus = `
phase: Running
startTime: {{ Now | Quote }}
conditions:
{{ range $type := (list "Initialized" "PodScheduled" "ContainersReady" "Ready") }}
- { type: {{ $type | Quote }}, status: "True", lastTransitionTime: {{ Now | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ Now | Quote }} } }
{{ end }}
`;
