import { basename } from 'node:path';
import type { Platform } from './platform.ts';
import type { Product } from './products.ts';
import { versionText } from './version.ts';

/** A released file, and where its SHA-256 is published. */
export interface ReleaseFile {
  readonly url: string;
  readonly checksumUrl: string;
  /** Base name of `url`: its line in a list of checksums. */
  readonly name: string;
  /** Paths in the archive, all equally deep, when it is one; else the file is the tool `tool`. */
  readonly members: readonly string[] | undefined;
  readonly tool?: string;
}

interface Release extends Platform {
  /** E.g. `1.36.3`. */
  readonly version: string;
  readonly tools: readonly string[];
}

/** The files that hold the tools of a product; none when nobody releases them with checksums. */
export function releaseFiles({ name, version, tools }: Product, platform: Platform): ReleaseFile[] {
  return releases[name]?.({ ...platform, version: versionText(version), tools }) ?? [];
}

/** By the name of the product. */
const releases: Readonly<Record<string, (release: Release) => ReleaseFile[]>> = {
  kubernetes: kubernetesFiles,
  'kubernetes-nodes': kubernetesFiles,
  etcd: ({ version, system, architecture, tools }) => {
    const base = `https://github.com/etcd-io/etcd/releases/download/v${version}`;
    const stem = `etcd-v${version}-${system}-${architecture}`;
    const name = `${stem}.tar.gz`;
    const members = tools.map((tool) => `${stem}/${tool}`);
    return [{ url: `${base}/${name}`, checksumUrl: `${base}/SHA256SUMS`, name, members }];
  },
  containerd: ({ version, system, architecture, tools }) => {
    const url = `https://github.com/containerd/containerd/releases/download/v${version}/containerd-static-${version}-${system}-${architecture}.tar.gz`;
    return [archive(url, '.sha256sum', inDirectory('bin', tools))];
  },
  runc: ({ version, architecture }) => {
    const base = `https://github.com/opencontainers/runc/releases/download/v${version}`;
    const name = `runc.${architecture}`;
    return [{ url: `${base}/${name}`, checksumUrl: `${base}/runc.sha256sum`, name, members: undefined, tool: 'runc' }];
  },
  'cni-plugins': ({ version, system, architecture, tools }) => {
    const base = `https://github.com/containernetworking/plugins/releases/download/v${version}`;
    return [
      archive(`${base}/cni-plugins-${system}-${architecture}-v${version}.tgz`, '.sha256', inDirectory('.', tools)),
    ];
  },
  coredns: ({ version, system, architecture, tools }) => {
    const base = `https://github.com/coredns/coredns/releases/download/v${version}`;
    return [archive(`${base}/coredns_${version}_${system}_${architecture}.tgz`, '.sha256', tools)];
  },
  helm: ({ version, system, architecture, tools }) => {
    const url = `https://get.helm.sh/helm-v${version}-${system}-${architecture}.tar.gz`;
    return [archive(url, '.sha256sum', inDirectory(`${system}-${architecture}`, tools))];
  },
};

/** A file a tool. */
function kubernetesFiles({ version, system, architecture, tools }: Release): ReleaseFile[] {
  return tools.map((tool) => {
    const url = `https://dl.k8s.io/release/v${version}/bin/${system}/${architecture}/${tool}`;
    return { url, checksumUrl: `${url}.sha256`, name: tool, members: undefined };
  });
}

function archive(url: string, checksumSuffix: string, members: readonly string[]): ReleaseFile {
  return { url, checksumUrl: `${url}${checksumSuffix}`, name: basename(url), members };
}

function inDirectory(directory: string, tools: readonly string[]): string[] {
  return tools.map((tool) => `${directory}/${tool}`);
}

/**
 * The SHA-256 of `name` in a published checksum file: either the bare sum, or lines of `<sum>  <name>`.
 * Undefined when it is not there.
 */
export function publishedSum(text: string, name: string): string | undefined {
  for (const line of text.split('\n')) {
    const [sum = '', file = name] = line.trim().split(/\s+\*?/);
    if (/^[0-9a-f]{64}$/.test(sum) && file === name) return sum;
  }
  return undefined;
}
