import { join } from 'node:path';
import { goModules, kubernetesVersion, kubernetesVersionFlags, type Product } from './products.ts';
import { type Version, versionText } from './version.ts';

/**
 * What makes nodes of machines. kubelet and kube-proxy run in a guest, too, and a kubelet must not be newer than the API
 * server: so it is this version, which comes as static programs, or none.
 */
export const kubernetesNodes: Product<'kubelet' | 'kube-proxy' | 'kube-controller-manager' | 'kube-scheduler'> = {
  name: 'kubernetes-nodes',
  version: kubernetesVersion,
  minimum: kubernetesVersion,
  tools: ['kubelet', 'kube-proxy', 'kube-controller-manager', 'kube-scheduler'],
  pinned: true,
  versionParameters: {
    kubelet: ['--version'],
    'kube-proxy': ['--version'],
    'kube-controller-manager': ['--version'],
    'kube-scheduler': ['--version'],
  },
  build: {
    directory: join(goModules, 'kubernetes'),
    packages: {
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    },
    linkerFlags: kubernetesVersionFlags(kubernetesVersion),
  },
};

const containerdModule = 'github.com/containerd/containerd/v2';
const containerdVersion: Version = [2, 2, 9];

export const containerd: Product<'containerd' | 'containerd-shim-runc-v2' | 'ctr'> = {
  name: 'containerd',
  version: containerdVersion,
  minimum: containerdVersion,
  tools: ['containerd', 'containerd-shim-runc-v2', 'ctr'],
  pinned: true,
  versionParameters: { containerd: ['--version'], 'containerd-shim-runc-v2': ['-v'], ctr: ['--version'] },
  build: {
    directory: join(goModules, 'containerd'),
    packages: {
      containerd: `${containerdModule}/cmd/containerd`,
      'containerd-shim-runc-v2': `${containerdModule}/cmd/containerd-shim-runc-v2`,
      ctr: `${containerdModule}/cmd/ctr`,
    },
    linkerFlags: [`-X ${containerdModule}/version.Version=v${versionText(containerdVersion)}`],
  },
};

const runcVersion: Version = [1, 3, 6];

export const runc: Product<'runc'> = {
  name: 'runc',
  version: runcVersion,
  minimum: runcVersion,
  tools: ['runc'],
  pinned: true,
  versionParameters: { runc: ['--version'] },
  build: {
    directory: join(goModules, 'runc'),
    packages: { runc: 'github.com/opencontainers/runc' },
    linkerFlags: ['-linkmode external', '-extldflags -static-pie'],
    flags: ['-buildmode=pie', '-tags=seccomp,netgo,osusergo'],
    needsC: true,
  },
};

const pluginsModule = 'github.com/containernetworking/plugins';
const pluginsVersion: Version = [1, 9, 1];

/** Container network plugins. */
export const networkPlugins: Product<'ptp' | 'loopback' | 'host-local' | 'portmap'> = {
  name: 'cni-plugins',
  version: pluginsVersion,
  minimum: pluginsVersion,
  tools: ['ptp', 'loopback', 'host-local', 'portmap'],
  pinned: true,
  versionParameters: { ptp: [], loopback: [], 'host-local': [], portmap: [] },
  build: {
    directory: join(goModules, 'cni-plugins'),
    packages: {
      ptp: `${pluginsModule}/plugins/main/ptp`,
      loopback: `${pluginsModule}/plugins/main/loopback`,
      'host-local': `${pluginsModule}/plugins/ipam/host-local`,
      portmap: `${pluginsModule}/plugins/meta/portmap`,
    },
    linkerFlags: [`-X ${pluginsModule}/pkg/utils/buildversion.BuildVersion=v${versionText(pluginsVersion)}`],
  },
};

const corednsVersion: Version = [1, 14, 7];

export const coredns: Product<'coredns'> = {
  name: 'coredns',
  version: corednsVersion,
  minimum: corednsVersion,
  tools: ['coredns'],
  pinned: true,
  versionParameters: { coredns: ['-version'] },
  build: { directory: join(goModules, 'coredns'), packages: { coredns: '.' }, linkerFlags: [] },
};

const kwokVersion: Version = [0, 8, 0];

/** Simulated nodes. */
export const kwok: Product<'kwok'> = {
  name: 'kwok',
  version: kwokVersion,
  minimum: kwokVersion,
  tools: ['kwok'],
  pinned: true,
  versionParameters: { kwok: ['--version'] },
  build: {
    directory: join(goModules, 'kwok'),
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    linkerFlags: [],
  },
};
