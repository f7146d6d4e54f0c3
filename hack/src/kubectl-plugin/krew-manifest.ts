import { stringify } from 'yaml';

export interface KrewRelease {
  /** e.g. `0.1.0` */
  readonly version: string;
  readonly archiveUrl: string;
  /** Of the archive, hex. */
  readonly sha256: string;
}

const homepage = 'https://github.com/autoweave/autoweave-kubernetes';

/** The manifest by which krew installs the plugin: one archive for every system, since the program is JavaScript. */
export function krewManifest({ version, archiveUrl, sha256 }: KrewRelease): string {
  return stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'autoweave' },
      spec: {
        version: `v${version}`,
        homepage,
        shortDescription: 'Look into USB devices and plugins of AutoWeave',
        description:
          'Shows which USB device hangs on which port of which node, follows what happens to\n' +
          'devices and plugins, explains why a plugin runs for a device or does not, and checks\n' +
          'an installation of AutoWeave for Kubernetes.\n',
        caveats: `Needs Node 20 or newer on PATH.\nTab completion: see ${homepage}/blob/main/docs/kubectl.md\n`,
        platforms: [
          {
            selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['linux', 'darwin'] }] },
            uri: archiveUrl,
            sha256,
            bin: 'kubectl-autoweave',
          },
        ],
      },
    },
    { lineWidth: 0 },
  );
}

/** Where releases are. */
export function releaseUrl(version: string): string {
  return `${homepage}/releases/download/v${version}`;
}
