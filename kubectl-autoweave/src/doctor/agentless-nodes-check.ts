import { kinds, type ClusterNode, type DaemonSet, type Pod } from '../cluster/kinds.ts';
import { listAll } from '../cluster/list-all.ts';
import { podSelector } from '../cluster/pod-selector.ts';
import { groupBy } from '../tree/build-tree.ts';
import { ok, someOf, warn, type Check, type Finding } from './check-result.ts';
import { whyNotAt, type Obstacle } from './why-not-at.ts';

/** Which nodes have no agent, and why. */
export const agentlessNodesCheck: Check = {
  name: 'nodes without agent',
  run: async ({ session, installation }) => {
    const { agents } = installation;
    if (agents === undefined) return [];
    const { client, signal } = session;
    const { namespace } = agents.metadata;
    const labelSelector = podSelector(agents);
    const [nodes, pods] = await Promise.all([
      listAll(client, kinds.node, { keep: placementFacts, signal }),
      listAll(client, kinds.pod, { namespace, labelSelector, keep: ({ spec }: Pod) => spec.nodeName, signal }),
    ]);
    const served = new Set(pods.items);
    const agentless = nodes.items.filter(({ metadata }) => !served.has(metadata.name));
    return judgeNodes(agentless, agents, nodes.items.length);
  },
};

function placementFacts({ apiVersion, kind, metadata, spec }: ClusterNode): ClusterNode {
  const { name, labels = {} } = metadata;
  return { apiVersion, kind, metadata: { name, labels }, spec: { taints: spec?.taints ?? [] } };
}

/** @param nodes those without agent */
export function judgeNodes(nodes: readonly ClusterNode[], agents: DaemonSet, total: number): readonly Finding[] {
  if (nodes.length === 0) return [ok(`Each of ${total} nodes has an agent`)];
  const judged = nodes.map((node) => ({
    name: node.metadata.name,
    obstacle: whyNotAt(node, agents.spec.template.spec),
  }));
  const groups = groupBy(judged, ({ obstacle }) => `${obstacle?.kind ?? ''}\n${obstacle?.text ?? ''}`);
  return [...groups.values()].flatMap((group) => {
    const names = someOf(group.map(({ name }) => name));
    return group[0] === undefined ? [] : [finding(names, group[0].obstacle)];
  });
}

function finding(names: string, obstacle: Obstacle | undefined): Finding {
  if (obstacle === undefined) {
    return warn(
      `No agent at ${names}, and nothing keeps it away`,
      'See kubectl describe daemonset, and the quota of its namespace.',
    );
  }
  const message = `No agent at ${names}: ${obstacle.text}`;
  if (obstacle.kind !== 'taint') return ok(`${message}, as it was asked for`);
  return warn(message, 'If devices are to be seen there, add a toleration to nodeAgent.tolerations of the chart.');
}
