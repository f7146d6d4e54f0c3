import { stringify } from 'yaml';
import { containerdRoot, containerdSocket } from '../layout.ts';
import { type ClusterNode, network } from '../network.ts';

export interface NodeFileOptions {
  readonly node: ClusterNode;
  /** Directories and files as the node sees them. */
  readonly paths: NodePaths;
  /** Below it the kubelet makes the cgroups of pods. */
  readonly cgroupRoot: string;
}

export interface NodePaths {
  /** Where these files are, and the kubeconfigs `kubelet-<node>` and `kube-proxy`. */
  readonly configuration: string;
  readonly networkPlugins: string;
  readonly runc: string;
}

/** The one that holds the namespaces of a pod. */
export const pauseImage = 'docker.io/autoweave/pause:0.1.0';

/** Configuration files of a node by their names, which end with that of the node where they differ. */
export function nodeFiles(options: NodeFileOptions): Record<string, string> {
  const { node } = options;
  return {
    [`containerd-${node}.toml`]: containerdConfiguration(options),
    [`kubelet-${node}.yaml`]: stringify(kubeletConfiguration(options)),
    [`kube-proxy-${node}.yaml`]: stringify(proxyConfiguration(options)),
    [`network-${node}/10-pods.conflist`]: JSON.stringify(networkConfiguration(node), undefined, 2),
  };
}

/** Images are imported, so that one with our pause program is there. */
function containerdConfiguration({ node, paths }: NodeFileOptions): string {
  return `version = 3
root = '${containerdRoot}'
# It wants a directory /opt/containerd.
disabled_plugins = ['io.containerd.internal.v1.opt']
[grpc]
address = '${containerdSocket}'
[plugins.'io.containerd.nri.v1.nri']
disable = true
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${pauseImage}'
[plugins.'io.containerd.cri.v1.runtime']
enable_cdi = true
# Without CAP_SYS_RESOURCE no process can have a lower score than containerd, and runc would fail.
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['${paths.networkPlugins}']
conf_dir = '${paths.configuration}/network-${node}'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = '${paths.runc}'
`;
}

function kubeletConfiguration({ node, paths, cgroupRoot }: NodeFileOptions): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${paths.configuration}/kubelet-client.crt` },
    },
    authorization: { mode: 'Webhook' },
    healthzBindAddress: network.nodes[node],
    clusterDNS: [network.dnsService],
    clusterDomain: 'cluster.local',
    resolvConf: `${paths.configuration}/resolv.conf`,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    enforceNodeAllocatable: [],
    // Machines with cgroup v1, and with swap, will do for development.
    failCgroupV1: false,
    failSwapOn: false,
    // Lowering it needs CAP_SYS_RESOURCE.
    oomScoreAdj: 0,
    // In a guest on a busy machine it takes long to start a container, and to begin anew would take longer.
    runtimeRequestTimeout: '10m',
    // Images were imported and cannot be had again.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  };
}

function proxyConfiguration({ node, paths }: NodeFileOptions): unknown {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: node,
    clientConnection: { kubeconfig: `${paths.configuration}/kube-proxy.kubeconfig` },
    clusterCIDR: network.podRange,
    // They belong to the whole machine.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/** Each pod is joined to its node by a link of its own, so that all its traffic is routed. */
function networkConfiguration(node: ClusterNode): unknown {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipam: { type: 'host-local', ranges: [[{ subnet: network.podRanges[node] }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true }, backend: 'nftables' },
    ],
  };
}
