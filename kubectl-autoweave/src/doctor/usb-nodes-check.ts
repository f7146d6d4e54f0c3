import { conditionTypes, resources, type Condition, type UsbNode } from '@autoweave/crds';
import { listAll } from '../cluster/list-all.ts';
import { groupBy } from '../tree/build-tree.ts';
import { fail, ok, someOf, warn, type Check, type Finding } from './check-result.ts';

/** Whether the agents say that they see USB, reach Redis and can write their journals. */
export const usbNodesCheck: Check = {
  name: 'nodes',
  run: async ({ session }) => {
    const { client, signal } = session;
    const { items } = await listAll(client, resources.usbNode, { keep: reportOf, signal });
    return judgeReports(items);
  },
};

export interface NodeReport {
  readonly name: string;
  readonly conditions: readonly Condition[];
}

function reportOf({ metadata, status }: UsbNode): NodeReport {
  return { name: metadata.name, conditions: status?.conditions ?? [] };
}

const remedies: Readonly<Record<string, string>> = {
  UsbAvailable: 'Load a USB host driver on these nodes, or keep the agent away from them with nodeAgent.nodeSelector.',
  RedisReachable: 'Check Redis, its password and the NetworkPolicies; events wait in the journals of the agents.',
  JournalWritable: 'Free space for the journal of these agents; events are kept in memory until then.',
};

export function judgeReports(reports: readonly NodeReport[]): readonly Finding[] {
  if (reports.length === 0) {
    return [
      fail(
        'No agent has registered a node (there is no UsbNode)',
        'See the agents: kubectl logs of DaemonSet autoweave-node-agent.',
      ),
    ];
  }
  const faults = reports.flatMap(({ name, conditions }) =>
    conditions
      .filter(({ type, status }) => type !== conditionTypes.ready && status !== 'True')
      .map(({ type, reason, message }) => ({ name, type, reason, message })),
  );
  const silent = reports.filter(({ conditions }) => conditions.length === 0).map(({ name }) => name);
  const groups = groupBy(faults, ({ type, reason }) => `${type}\n${reason}`);
  const findings = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = someOf(group.map(({ name }) => name));
    const message = `${first.type} is not True at ${names}: ${first.reason}: ${first.message}`;
    const remedy = remedies[first.type] ?? 'See kubectl describe usbnode.';
    return [first.type === 'RedisReachable' ? fail(message, remedy) : warn(message, remedy)];
  });
  if (silent.length > 0)
    findings.push(warn(`The agents of ${someOf(silent)} have not reported yet`, 'See their logs.'));
  return findings.length > 0 ? findings : [ok(`The agents of ${reports.length} nodes see USB and reach Redis`)];
}
