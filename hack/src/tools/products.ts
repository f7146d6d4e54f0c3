import { join } from 'node:path';
import { type Version, versionText } from './version.ts';

/** What is released, downloaded and built together. */
export interface Product<Tool extends string = string> {
  readonly name: string;
  /** What is downloaded or built. */
  readonly version: Version;
  /** The oldest that is used when it is there already. */
  readonly minimum: Version;
  readonly tools: readonly Tool[];
  /** Set when no other version will do, and nothing but our cache is looked into. */
  readonly pinned?: true;
  /** Parameters with which a tool prints its version. */
  readonly versionParameters: Readonly<Record<Tool, readonly string[]>>;
  readonly build: GoBuild<Tool>;
}

export interface GoBuild<Tool extends string> {
  /** Holds go.mod and go.sum, which pin everything. */
  readonly directory: string;
  readonly packages: Readonly<Record<Tool, string>>;
  readonly linkerFlags: readonly string[];
  /** For `go build`, beside those that all products have. */
  readonly flags?: readonly string[];
  /** Needs a C compiler and libseccomp; all else is built without C. */
  readonly needsC?: true;
}

export const goModules = join(import.meta.dirname, '../../go');

export const kubernetesVersion: Version = [1, 36, 3];

export const kubernetes: Product<'kube-apiserver' | 'kubectl'> = {
  name: 'kubernetes',
  version: kubernetesVersion,
  minimum: [1, 34, 0],
  tools: ['kube-apiserver', 'kubectl'],
  versionParameters: { 'kube-apiserver': ['--version'], kubectl: ['version', '--client'] },
  build: {
    directory: join(goModules, 'kubernetes'),
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    linkerFlags: kubernetesVersionFlags(kubernetesVersion),
  },
};

export const etcd: Product<'etcd'> = {
  name: 'etcd',
  version: [3, 6, 8],
  minimum: [3, 5, 0],
  tools: ['etcd'],
  versionParameters: { etcd: ['--version'] },
  build: {
    directory: join(goModules, 'etcd'),
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    linkerFlags: [],
  },
};

/** The toolchain that builds them when the machine's Go cannot. The modules ask for Go 1.26. */
export const goVersion: Version = [1, 26, 8];

/** Without these flags the API server says it is v0.0.0, and clients believe it. */
export function kubernetesVersionFlags(version: Version): string[] {
  const [major, minor] = version;
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((target) => [
    `-X ${target}.gitVersion=v${versionText(version)}`,
    `-X ${target}.gitMajor=${major}`,
    `-X ${target}.gitMinor=${minor}`,
  ]);
}
