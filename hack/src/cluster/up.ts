import { geteuid } from 'node:process';
import { dirname } from 'node:path';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { imageArchives } from '../images/index.ts';
import { provideClusterTools, provideKwok, type ToolContext } from '../tools/index.ts';
import { withDirectoryLock } from '../tools/lock.ts';
import { provideSystemPrograms } from '../tools/system-programs.ts';
import { Cluster } from './cluster.ts';
import { setUp, tearDown } from './cluster-setup.ts';
import type { ClusterLayout } from './layout.ts';
import type { ClusterNode } from './network.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { startServers } from './start-servers.ts';

export interface UpOptions {
  readonly context: ToolContext;
  readonly layout: ClusterLayout;
  readonly nodes: readonly ClusterNode[];
  /** Number of simulated nodes. */
  readonly kwokNodes: number;
  /** Paths of image archives; those of this repository when not given. */
  readonly images?: readonly string[] | undefined;
  /** Told of the sandbox before anything runs in it. */
  readonly onSandbox?: (sandbox: Sandbox) => void;
  /** Of the cluster; by default it tears down. */
  readonly stop?: () => Promise<void>;
}

const systemPackages = { unshare: 'util-linux', nsenter: 'util-linux', ip: 'iproute2', nft: 'nftables' };
const nodeReadySeconds = 300;

/** Starts what does not run yet, and waits until all is ready. */
export async function up(options: UpOptions): Promise<Cluster> {
  const { context, layout, nodes, onSandbox, stop = (): Promise<void> => tearDown(layout) } = options;
  requireRoot();
  await provideSystemPrograms(context, systemPackages);
  const tools = await provideClusterTools(context);
  const kwok = options.kwokNodes === 0 ? undefined : await provideKwok(context);
  const archives = options.images ?? (await imageArchives()).map(({ path }) => path);
  return withDirectoryLock(dirname(layout.directory), async () => {
    const setup = await setUp(layout, tools);
    onSandbox?.(setup.sandbox);
    const servers = await startServers({ ...options, setup, tools, kwok, archives });
    const cluster = new Cluster({ layout, sandbox: setup.sandbox, servers, nodes, kubectl: tools.kubectl, stop });
    await context.progress.during('Waiting for the nodes', () => untilNodesAreReady(cluster));
    return cluster;
  });
}

function requireRoot(): void {
  if (geteuid?.() === 0) return;
  throw new AutoWeaveError(
    'AW_TOOL_UNAVAILABLE',
    'A cluster with a kubelet of this machine needs root: run it by sudo',
  );
}

async function untilNodesAreReady(cluster: Cluster): Promise<void> {
  const timeout = `--timeout=${nodeReadySeconds}s`;
  const nodes = cluster.nodes.map((node) => `node/${node}`);
  await cluster.kubectl('wait', '--for=create', timeout, ...nodes);
  await cluster.kubectl('wait', '--for=condition=Ready', timeout, 'nodes', '--all');
  // Without it no pod is admitted.
  await cluster.kubectl('wait', '--for=create', timeout, '--namespace=default', 'serviceaccount/default');
}
