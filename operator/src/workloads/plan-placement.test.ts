import type { AutoWeavePluginSpec } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { samplePlugin } from '../controllers/plugin/testing/sample-plugin.ts';
import type { Pod, Workload } from './kinds.ts';
import { planPlacement, type PlacementWorld } from './plan-placement.ts';

const metadata = { name: 'awp-greeter', namespace: 'lab', generation: 2 };
const spec = { selector: { matchLabels: {} }, template: { metadata: { labels: {} }, spec: {} } };

function daemonSet(desired: number, observedGeneration = 2): Workload {
  const status = {
    observedGeneration,
    desiredNumberScheduled: desired,
    currentNumberScheduled: desired,
    numberReady: 0,
  };
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec, status } as unknown as Workload;
}

function deployment(replicas: number): Workload {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { ...spec, replicas } } as unknown as Workload;
}

function pod(node: string | undefined, isReady: boolean, more: Pod['status'] = {}): Pod {
  const conditions = [{ type: 'Ready', status: isReady ? ('True' as const) : ('False' as const) }];
  const place = node === undefined ? {} : { nodeName: node };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${node}`, namespace: 'lab' },
    spec: place,
    status: { conditions, ...more },
  };
}

function waiting(reason: string): Pod['status'] {
  return { containerStatuses: [{ name: 'plugin', restartCount: 3, state: { waiting: { reason } } }] };
}

function placement(world: Partial<PlacementWorld>, plugin: Partial<AutoWeavePluginSpec> = {}): string {
  const { isPlaced, message, outlook, reason } = planPlacement({
    plugin: samplePlugin({ runtime: 'Pod', ...plugin }),
    workload: daemonSet(1),
    pods: [],
    nodes: ['a'],
    fault: undefined,
    ...world,
  });
  return `${isPlaced} ${reason} ${outlook}: ${message}`;
}

const unschedulable = {
  conditions: [{ type: 'PodScheduled', status: 'False' as const, reason: 'Unschedulable', message: '0/3 nodes' }],
};
const anywhere = { placement: { nodes: 'Any' as const } };

describe('the placement of a plugin', () => {
  it.each<[string, Partial<PlacementWorld>, Partial<AutoWeavePluginSpec>, string]>([
    ['is complete', { pods: [pod('a', true)] }, {}, 'true Placed Resting: 1 of 1 pod is ready'],
    [
      'is under way',
      { nodes: ['a', 'b'], workload: daemonSet(2), pods: [pod('a', true), pod('b', false)] },
      {},
      'false PodsStarting Reconciling: 1 of 2 pods are ready; not at b',
    ],
    [
      'is under way before Kubernetes has looked at it',
      { nodes: ['a'], workload: daemonSet(0, 1) },
      {},
      'false PodsStarting Reconciling: 0 of 1 pod is ready; not at a',
    ],
    ['waits for what makes the pods', { workload: undefined }, {}, 'false PodsStarting Reconciling: The API server'],
    ['waits for a device', { nodes: [], workload: daemonSet(0) }, {}, 'false NoNodeWithDevice Resting: No node holds'],
    [
      'is refused by nodes',
      { nodes: ['a', 'b'], workload: daemonSet(1), pods: [pod('a', true)] },
      {},
      'false NodeUnfit Reconciling: 1 of 2 pods are ready; not at b: check taints',
    ],
    [
      'has a cause that people must see to',
      { fault: { code: 'AW_WORKLOAD_FORBIDDEN', message: 'no' } },
      {},
      'false WorkloadForbidden Stalled: AW_WORKLOAD_FORBIDDEN: no. Give the operator the right',
    ],
    [
      'has pods that no node takes',
      { pods: [pod(undefined, false, unschedulable)] },
      {},
      'false PodUnschedulable Reconciling: AW_POD_UNSCHEDULABLE: pod pod-undefined: 0/3 nodes. Make room',
    ],
    [
      'has pods that fail',
      { pods: [pod('a', false, waiting('CrashLoopBackOff'))] },
      {},
      'false PodFailing Stalled: AW_POD_FAILING: pod pod-a at node a, container plugin: CrashLoopBackOff. See',
    ],
    [
      'is not held up by a container that is made',
      { pods: [pod('a', false, waiting('ContainerCreating'))] },
      {},
      'false PodsStarting',
    ],
    [
      'runs anywhere',
      { nodes: [], workload: deployment(2), pods: [pod('a', true), pod('a', true)] },
      anywhere,
      'true Placed',
    ],
    [
      'runs anywhere, in part',
      { nodes: [], workload: deployment(2), pods: [pod('a', true)] },
      anywhere,
      'false PodsStarting Reconciling: 1 of 2',
    ],
    [
      'is that of the runner at its own nodes',
      { nodes: ['a'], workload: daemonSet(2), pods: [pod('a', true), pod('b', false, waiting('ImagePullBackOff'))] },
      { runtime: 'Thread' },
      'true Placed Resting',
    ],
  ])('%s', (_name, world, plugin, expected) => {
    expect(placement(world, plugin)).toContain(expected);
  });

  it('counts no pod that is being ended', () => {
    const ready = pod('a', true);
    const ending = { ...ready, metadata: { ...ready.metadata, deletionTimestamp: '2026-11-21T00:00:00Z' } };
    expect(placement({ pods: [ending] })).toContain('false PodsStarting');
  });
});
