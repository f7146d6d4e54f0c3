import { describe, expect, it } from 'vitest';
import { containerd, coredns, kwok, networkPlugins, runc } from './cluster-products.ts';
import { helm3, helm4 } from './helm-products.ts';
import { etcd, kubernetes } from './products.ts';
import { publishedSum, releaseFiles } from './releases.ts';

const sum = 'a'.repeat(64);

describe('a release', () => {
  it('of Kubernetes is a file a tool', () => {
    const files = releaseFiles(kubernetes, { system: 'linux', architecture: 'arm64' });
    expect(files.map(({ url }) => url)).toEqual([
      'https://dl.k8s.io/release/v1.36.3/bin/linux/arm64/kube-apiserver',
      'https://dl.k8s.io/release/v1.36.3/bin/linux/arm64/kubectl',
    ]);
  });

  it('of etcd is an archive, of which only the server is wanted', () => {
    expect(releaseFiles(etcd, { system: 'linux', architecture: 'amd64' })).toEqual([
      {
        url: 'https://github.com/etcd-io/etcd/releases/download/v3.6.8/etcd-v3.6.8-linux-amd64.tar.gz',
        checksumUrl: 'https://github.com/etcd-io/etcd/releases/download/v3.6.8/SHA256SUMS',
        name: 'etcd-v3.6.8-linux-amd64.tar.gz',
        members: ['etcd-v3.6.8-linux-amd64/etcd'],
      },
    ]);
  });
});

describe('a release of what nodes run', () => {
  const platform = { system: 'linux', architecture: 'amd64' } as const;

  it.each([containerd, networkPlugins, coredns, helm3, helm4])('is an archive with all tools of $name', (product) => {
    const [file, ...others] = releaseFiles(product, platform);
    expect(others).toEqual([]);
    expect(file?.members?.map((path) => path.split('/').at(-1))).toEqual(product.tools);
  });

  it('is a single program under another name for runc', () => {
    expect(releaseFiles(runc, platform)).toMatchObject([{ name: 'runc.amd64', tool: 'runc', members: undefined }]);
  });

  it('is not there for kwok, which publishes no checksums', () => {
    expect(releaseFiles(kwok, platform)).toEqual([]);
  });
});

describe('a published checksum', () => {
  it('is the whole file, or the line of the name', () => {
    expect(publishedSum(`${sum}\n`, 'kubectl')).toBe(sum);
    const list = `${'b'.repeat(64)}  other.tar.gz\n${sum}  etcd.tar.gz\n`;
    expect(publishedSum(list, 'etcd.tar.gz')).toBe(sum);
    expect(publishedSum(`${sum} *etcd.tar.gz\n`, 'etcd.tar.gz')).toBe(sum);
  });

  it('is not made up from anything else', () => {
    expect(publishedSum('<html>not found</html>', 'kubectl')).toBeUndefined();
    expect(publishedSum(`${sum}  other.tar.gz\n`, 'etcd.tar.gz')).toBeUndefined();
  });
});
