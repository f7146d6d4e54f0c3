import { KubeClient, type KubeObject, loadClusterAccess, type Resource } from '@autoweave/platform/kube';
import { runningSandbox } from './cluster-setup.ts';
import { ClusterState } from './cluster-state.ts';
import type { ClusterLayout } from './layout.ts';
import { isRunning } from './sandbox/process-table.ts';
import { UsbNodeMonitor } from './usb-node/usb-node-monitor.ts';
import { monitorPath } from './usb-node/usb-node-server.ts';

/** What is going on, one row a part. */
export interface StatusRow {
  readonly kind: 'Server' | 'Node' | 'Device';
  readonly name: string;
  readonly state: 'Running' | 'Ended' | 'Ready' | 'NotReady' | 'Plugged' | 'Unknown';
  readonly detail: string;
}

interface Node extends KubeObject {
  readonly status?: {
    readonly addresses?: readonly { readonly address: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

const nodes: Resource = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };
const requestTimeoutMilliseconds = 5_000;

/** Undefined when the cluster is down. */
export async function clusterStatus(layout: ClusterLayout): Promise<StatusRow[] | undefined> {
  const sandbox = await runningSandbox(layout);
  if (sandbox === undefined) return undefined;
  const monitor = new UsbNodeMonitor(monitorPath(sandbox));
  return [
    ...(await serverRows(new ClusterState(layout.state))),
    ...(await nodeRows(layout)),
    // There may be no USB node.
    ...(await monitor.plugged().catch(() => [])).map(deviceRow),
  ];
}

async function serverRows(state: ClusterState): Promise<StatusRow[]> {
  const rows: StatusRow[] = [];
  for (const name of await state.servers()) {
    const identity = await state.serverProcess(name);
    if (identity === undefined) continue;
    const runs = await isRunning(identity);
    rows.push({ kind: 'Server', name, state: runs ? 'Running' : 'Ended', detail: `process ${identity.id}` });
  }
  return rows;
}

async function nodeRows({ kubeconfig }: ClusterLayout): Promise<StatusRow[]> {
  try {
    const access = await loadClusterAccess({ kubeconfigPath: kubeconfig });
    const client = new KubeClient(access, { requestTimeoutMilliseconds });
    const { items } = await client.list<Node>(nodes);
    return items.map(nodeRow);
  } catch (error) {
    const detail = error instanceof Error ? error.message : '';
    return [{ kind: 'Node', name: '*', state: 'Unknown', detail }];
  }
}

function nodeRow({ metadata, status = {} }: Node): StatusRow {
  const { name } = metadata;
  const { addresses = [], conditions = [] } = status;
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready === undefined) return { kind: 'Node', name, state: 'NotReady', detail: 'It did not report yet' };
  if (ready.status !== 'True') return { kind: 'Node', name, state: 'NotReady', detail: ready.message ?? '' };
  const detail = addresses.map(({ address }) => address).join(' ');
  return { kind: 'Node', name, state: 'Ready', detail };
}

function deviceRow(id: string): StatusRow {
  return { kind: 'Device', name: id, state: 'Plugged', detail: 'node usb' };
}
