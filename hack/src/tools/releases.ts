import type { Platform } from './platform.ts';
import { type Product, kubernetes } from './products.ts';
import { versionText } from './version.ts';

/** A released file, and where its SHA-256 is published. */
export interface ReleaseFile {
  readonly url: string;
  readonly checksumUrl: string;
  /** Base name of `url`: its line in a list of checksums. */
  readonly name: string;
  /** Paths in the archive, when it is one; else the file is the tool. */
  readonly members: readonly string[] | undefined;
}

/** The files that hold the tools of a product. */
export function releaseFiles(product: Product, platform: Platform): ReleaseFile[] {
  const version = `v${versionText(product.version)}`;
  const { system, architecture } = platform;
  if (product.name === kubernetes.name) {
    const base = `https://dl.k8s.io/release/${version}/bin/${system}/${architecture}`;
    return product.tools.map((name) => {
      const url = `${base}/${name}`;
      return { url, checksumUrl: `${url}.sha256`, name, members: undefined };
    });
  }
  const base = `https://github.com/etcd-io/etcd/releases/download/${version}`;
  const stem = `etcd-${version}-${system}-${architecture}`;
  const name = `${stem}.tar.gz`;
  const members = product.tools.map((tool) => `${stem}/${tool}`);
  return [{ url: `${base}/${name}`, checksumUrl: `${base}/SHA256SUMS`, name, members }];
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
