import { describe, expect, it } from 'vitest';
import type { ClusterNode, DaemonSet, Deployment } from '../cluster/kinds.ts';
import { sampleNode } from '../testing/sample-objects.ts';
import { judgeNodes } from './agentless-nodes-check.ts';
import { judgeVersion } from './api-check.ts';
import type { Finding } from './check-result.ts';
import { lackingFields } from './kinds-check.ts';
import { judgeMetrics } from './redis-check.ts';
import { judgeReports } from './usb-nodes-check.ts';
import { compareVersions } from './versions-check.ts';
import { whyNotAt } from './why-not-at.ts';
import { podTrouble, rollout } from './workloads-check.ts';

const brief = (findings: readonly Finding[]) => findings.map(({ status, message }) => `${status} ${message}`);

describe('the version of the API server', () => {
  it.each([
    ['{"major":"1","minor":"34","gitVersion":"v1.34.4"}', 'OK'],
    ['{"major":"1","minor":"36+","gitVersion":"v1.36.3-gke.1"}', 'OK'],
    ['{"major":"2","minor":"0","gitVersion":"v2.0.0"}', 'OK'],
    ['{"major":"1","minor":"33","gitVersion":"v1.33.9"}', 'FAIL'],
    ['null', 'FAIL'],
    ['<html>', 'FAIL'],
  ])('in %s is %s', (text, status) => {
    expect(judgeVersion(text, 'https://kube').status).toBe(status);
  });
});

describe('the fields of the kinds', () => {
  it('are found in what the server serves', () => {
    const lacking = lackingFields({
      components: {
        schemas: {
          'dev.autoweave.v1alpha1.UsbNode': {
            properties: {
              spec: { properties: { resyncToken: {} } },
              status: { properties: { sources: { items: { properties: { name: {} } } } } },
            },
          },
        },
      },
    });
    expect(lacking).not.toContain('UsbNode spec.resyncToken');
    expect(lacking).not.toContain('UsbNode status.sources[].name');
    expect(lacking).toContain('UsbNode status.sources[].state');
    expect(lacking).toContain('UsbDevice status.attachments[].nodeName');
  });
});

describe('the versions', () => {
  const same = { plugin: '1.0.0', operator: '1.0.0', agents: '1.0.0', running: [{ name: 'a', version: '1.0.0' }] };

  it('are fine when they are one', () => {
    expect(brief(compareVersions(same))).toEqual(['OK All are of version 1.0.0']);
  });

  it.each([
    [
      {
        running: [
          { name: 'a', version: '0.9.0' },
          { name: 'b', version: '1.0.0' },
        ],
      },
      'WARN Agents of 1 node (a) are of version 0.9.0, the operator is 1.0.0',
    ],
    [{ agents: '1.1.0' }, 'WARN The operator is 1.0.0, the agents are to be 1.1.0'],
    [{ plugin: '2.0.0' }, 'WARN This plugin is 2.0.0, the cluster has 1.0.0'],
  ])('differ with %j', (given, message) => {
    expect(brief(compareVersions({ ...same, ...given }))).toEqual([message]);
  });
});

describe('what the agents report', () => {
  const report = (name: string, conditions: Record<string, boolean>) => ({
    name,
    conditions: sampleNode(name, conditions).status?.conditions ?? [],
  });

  it('is fine, or told once for all nodes with the same fault', () => {
    const well = { Ready: true, RedisReachable: true };
    expect(brief(judgeReports([report('a', well)]))).toEqual(['OK The agents of 1 nodes see USB and reach Redis']);
    const broken = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) =>
      report(name, { Ready: false, RedisReachable: false }),
    );
    expect(brief(judgeReports(broken))).toEqual([
      'FAIL RedisReachable is not True at a, b, c, d, e and 2 more: Broken: RedisReachable is broken',
    ]);
    expect(brief(judgeReports([report('a', { JournalWritable: false })]))[0]).toMatch(/^WARN JournalWritable/);
    expect(brief(judgeReports([report('a', {})]))).toEqual(['WARN The agents of a have not reported yet']);
    expect(brief(judgeReports([]))[0]).toMatch(/^FAIL No agent has registered a node/);
  });
});

describe('what the operator says of Redis', () => {
  const metrics = (policy: number, appendonly: number) =>
    `# TYPE autoweave_redis_unsafe_settings gauge\nautoweave_redis_unsafe_settings{setting="maxmemory-policy"} ${policy}\nautoweave_redis_unsafe_settings{setting="appendonly"} ${appendonly}\n`;

  it.each([
    [metrics(0, 0), 'OK Redis is reached, evicts nothing and writes to disk'],
    [metrics(0, 1), 'FAIL Redis can lose events and jobs: appendonly'],
    [metrics(1, 1), 'FAIL Redis can lose events and jobs: maxmemory-policy, appendonly'],
    ['up 1\n', 'WARN The operator does not say yet how Redis is set'],
  ])('%j: %s', (text, expected) => {
    expect(brief(judgeMetrics(text))).toEqual([expected]);
  });
});

describe('a rollout', () => {
  const workload = {
    apiVersion: 'apps/v1',
    spec: { replicas: 2, selector: {}, template: { spec: { containers: [] } } },
  };
  const metadata = { name: 'x', generation: 3 };

  it('is read from a Deployment and from a DaemonSet', () => {
    const deployment: Deployment = {
      ...workload,
      kind: 'Deployment',
      metadata,
      status: { observedGeneration: 3, updatedReplicas: 2, availableReplicas: 1 },
    };
    expect(rollout(deployment)).toEqual({ wanted: 2, updated: 2, available: 1, isObserved: true });
    const status = { observedGeneration: 2, desiredNumberScheduled: 9, updatedNumberScheduled: 4, numberAvailable: 8 };
    const agents: DaemonSet = { ...workload, kind: 'DaemonSet', metadata, status };
    expect(rollout(agents)).toEqual({ wanted: 9, updated: 4, available: 8, isObserved: false });
  });

  it('is explained by its pods', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { nodeName: 'n' } };
    const waiting = {
      name: 'agent',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: 'ErrImagePull', message: 'no route' } },
    };
    expect(podTrouble({ ...pod, status: { containerStatuses: [waiting] } })).toEqual([
      'pod p on node n: container agent ErrImagePull (no route)',
    ]);
    const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' };
    expect(podTrouble({ ...pod, spec: {}, status: { conditions: [unscheduled] } })).toEqual([
      'pod p: Unschedulable: 0/3 nodes',
    ]);
    expect(podTrouble({ ...pod, status: { containerStatuses: [{ ...waiting, ready: true }] } })).toEqual([]);
  });
});

describe('why no agent is at a node', () => {
  const node = (
    labels: Record<string, string>,
    taints: NonNullable<ClusterNode['spec']>['taints'] = [],
  ): ClusterNode => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels },
    spec: { taints },
  });
  const affinity = (
    ...matchExpressions: readonly {
      key: string;
      operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
      values?: readonly string[];
    }[]
  ) => ({
    containers: [],
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  });
  const tainted = node({}, [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]);

  it.each([
    [node({}), { containers: [], nodeSelector: { usb: 'yes' } }, 'nodeSelector wants the label usb=yes'],
    [node({ usb: 'yes' }), { containers: [], nodeSelector: { usb: 'yes' } }, undefined],
    [
      node({ zone: 'a' }),
      affinity({ key: 'zone', operator: 'In', values: ['b'] }),
      'its labels do not meet the required node affinity',
    ],
    [
      node({ zone: 'a' }),
      affinity({ key: 'zone', operator: 'In', values: ['a'] }, { key: 'x', operator: 'DoesNotExist' }),
      undefined,
    ],
    [
      node({ n: '5' }),
      affinity({ key: 'n', operator: 'Gt', values: ['4'] }, { key: 'n', operator: 'Lt', values: ['6'] }),
      undefined,
    ],
    [
      node({}),
      affinity({ key: 'n', operator: 'Gt', values: ['4'] }),
      'its labels do not meet the required node affinity',
    ],
    [node({}), affinity({ key: 'zone', operator: 'NotIn', values: ['a'] }), undefined],
    [tainted, { containers: [] }, 'taint gpu=yes:NoSchedule is not tolerated'],
    [
      tainted,
      { containers: [], tolerations: [{ key: 'gpu', value: 'no' }] },
      'taint gpu=yes:NoSchedule is not tolerated',
    ],
    [
      tainted,
      { containers: [], tolerations: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' as const }] },
      'taint gpu=yes:NoSchedule is not tolerated',
    ],
    [tainted, { containers: [], tolerations: [{ key: 'gpu', value: 'yes' }] }, undefined],
    [tainted, { containers: [], tolerations: [{ operator: 'Exists' as const }] }, undefined],
    [node({}, [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]), { containers: [] }, undefined],
    [node({}, [{ key: 'slow', effect: 'PreferNoSchedule' }]), { containers: [] }, undefined],
  ])('%j with %j: %s', (candidate, spec, text) => {
    expect(whyNotAt(candidate, spec)?.text).toBe(text);
  });

  it('is a warning only when nobody asked for it', () => {
    const agents = (spec: DaemonSet['spec']['template']['spec']): DaemonSet => ({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'autoweave-node-agent' },
      spec: { selector: {}, template: { spec } },
    });
    const judge = (one: ClusterNode, spec: DaemonSet['spec']['template']['spec']) =>
      brief(judgeNodes([one], agents(spec), 2))[0];
    expect(judge(node({}), { containers: [], nodeSelector: { usb: 'yes' } })).toMatch(
      /^OK No agent at n: nodeSelector .* as it was asked for$/,
    );
    expect(judge(tainted, { containers: [] })).toBe('WARN No agent at n: taint gpu=yes:NoSchedule is not tolerated');
    expect(judge(node({}), { containers: [] })).toMatch(/^WARN No agent at n, and nothing keeps it away$/);
    expect(brief(judgeNodes([], agents({ containers: [] }), 2))).toEqual(['OK Each of 2 nodes has an agent']);
  });
});
