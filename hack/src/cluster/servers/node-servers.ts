import { dirname } from 'node:path';
import type { ClusterTools } from '../../tools/index.ts';
import { cgroupName } from '../sandbox/cgroups.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { configurationFile, containerdSocket, insideDirectory, kubeletRoot } from '../layout.ts';
import { network } from '../network.ts';
import { nodeFiles, type NodeFileOptions } from './node-files.ts';
import { acceptsConnections, answersOk, type ClusterServer } from './server.ts';

/** The configuration files of this machine's node. */
export function hostNodeFiles(tools: ClusterTools): Record<string, string> {
  return nodeFiles(hostNode(tools));
}

function hostNode(tools: ClusterTools): NodeFileOptions {
  return {
    node: 'host',
    cgroupRoot: `/${cgroupName}`,
    paths: {
      configuration: `${insideDirectory}/configuration`,
      networkPlugins: dirname(tools.networkPlugins['ptp'] ?? ''),
      runc: tools.runc,
    },
  };
}

/** What makes a node of this machine, once containerd and the API server are ready. */
export function hostNodeServers(tools: ClusterTools): ClusterServer[] {
  return [kubelet(tools), kubeProxy(tools)];
}

export function containerdServer(tools: ClusterTools, sandbox: Sandbox): ClusterServer {
  return {
    name: 'containerd',
    command: [tools.containerd, `--config=${configurationFile('containerd-host.toml')}`],
    isReady: (signal) => acceptsConnections(sandbox.path(containerdSocket), signal),
  };
}

function kubelet(tools: ClusterTools): ClusterServer {
  const parameters = [
    `--config=${configurationFile('kubelet-host.yaml')}`,
    `--kubeconfig=${configurationFile('kubelet-host.kubeconfig')}`,
    `--root-dir=${kubeletRoot}`,
    '--hostname-override=host',
    `--node-ip=${network.nodes.host}`,
  ];
  return {
    name: 'kubelet',
    command: [tools.kubelet, ...parameters],
    isReady: (signal) => answersOk(`http://${network.nodes.host}:10248/healthz`, signal),
  };
}

function kubeProxy(tools: ClusterTools): ClusterServer {
  return {
    name: 'kube-proxy',
    command: [tools.kubeProxy, `--config=${configurationFile('kube-proxy-host.yaml')}`],
    isReady: (signal) => answersOk(`http://${network.nodes.host}:10256/healthz`, signal),
  };
}
