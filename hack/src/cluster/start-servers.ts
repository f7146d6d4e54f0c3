import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runKubectl } from '../testing/index.ts';
import type { ClusterTools, ToolContext } from '../tools/index.ts';
import { clusterObjects } from './cluster-objects.ts';
import type { ClusterSetup } from './cluster-setup.ts';
import { importImages } from './images.ts';
import { kwokNodes } from './kwok-nodes.ts';
import type { ClusterLayout } from './layout.ts';
import type { ClusterNode } from './network.ts';
import { controlPlaneServers } from './servers/control-plane.ts';
import { dnsServer } from './servers/dns.ts';
import { kwokServer } from './servers/kwok.ts';
import { ManagedServer } from './servers/managed-server.ts';
import { containerdServer, hostNodeServers } from './servers/node-servers.ts';
import type { ClusterServer } from './servers/server.ts';
import { prepareUsbNode } from './usb-node/prepare-usb-node.ts';

export interface StartServersOptions {
  readonly context: ToolContext;
  readonly layout: ClusterLayout;
  readonly setup: ClusterSetup;
  readonly tools: ClusterTools;
  readonly nodes: readonly ClusterNode[];
  readonly kwokNodes: number;
  /** Path of the program, when there are simulated nodes. */
  readonly kwok: string | undefined;
  /** Paths of image archives. */
  readonly archives: readonly string[];
}

/** Starts those that do not run; resolves with all when they are ready. */
export async function startServers(options: StartServersOptions): Promise<ManagedServer[]> {
  const started = await Promise.allSettled([
    options.context.progress.during('Starting the servers of the cluster', () => startHostServers(options)),
    options.nodes.includes('usb') ? startUsbNode(options) : [],
  ]);
  return started.flatMap((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

async function startHostServers(options: StartServersOptions): Promise<ManagedServer[]> {
  const { layout, setup, tools, kwok, archives } = options;
  const first = [...controlPlaneServers(tools, setup.admin), containerdServer(tools, setup.sandbox)];
  const later = [...hostNodeServers(tools), dnsServer(tools), ...(kwok === undefined ? [] : [kwokServer(kwok)])];
  const running = await startAll(options, first);
  await apply(options, 'cluster-objects', clusterObjects());
  if (options.kwokNodes > 0) await apply(options, 'kwok-nodes', kwokNodes(options.kwokNodes));
  await importImages({ ...setup, ctr: tools.ctr, archives });
  return [...running, ...(await startAll({ setup, layout }, later))];
}

async function startUsbNode(options: StartServersOptions): Promise<ManagedServer[]> {
  return startAll(options, [await prepareUsbNode({ ...options, sandbox: options.setup.sandbox })]);
}

async function startAll(
  { setup, layout }: Pick<StartServersOptions, 'setup' | 'layout'>,
  servers: readonly ClusterServer[],
): Promise<ManagedServer[]> {
  const managed = servers.map((server) => new ManagedServer({ server, ...setup, logs: layout.logs }));
  for (const server of managed) await server.start();
  await Promise.all(managed.map((server) => server.untilReady()));
  return managed;
}

async function apply({ tools, layout }: StartServersOptions, name: string, list: unknown): Promise<void> {
  const file = join(layout.configuration, `${name}.json`);
  await writeFile(file, JSON.stringify(list));
  const access = { kubectl: tools.kubectl, kubeconfigPath: layout.kubeconfig, directory: layout.directory };
  await runKubectl(access, ['apply', '--server-side', `--filename=${file}`]);
}
