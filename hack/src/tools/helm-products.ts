import { join } from 'node:path';
import { goModules, kubernetesVersion, type Product } from './products.ts';
import { type Version, versionText } from './version.ts';

/** The Kubernetes that Helm assumes when it is not connected to one. */
const [kubernetesMajor, kubernetesMinor] = kubernetesVersion;
const helm3Version: Version = [3, 22, 0];

export const helm3: Product<'helm'> = {
  name: 'helm',
  version: helm3Version,
  minimum: helm3Version,
  tools: ['helm'],
  pinned: true,
  versionParameters: { helm: ['version', '--short'] },
  build: {
    directory: join(goModules, 'helm3'),
    packages: { helm: 'helm.sh/helm/v3/cmd/helm' },
    linkerFlags: [
      `-X helm.sh/helm/v3/internal/version.version=v${versionText(helm3Version)}`,
      ...['helm.sh/helm/v3/pkg/chartutil', 'helm.sh/helm/v3/pkg/lint/rules'].flatMap((target) => [
        `-X ${target}.k8sVersionMajor=${kubernetesMajor}`,
        `-X ${target}.k8sVersionMinor=${kubernetesMinor}`,
      ]),
    ],
  },
};

const helm4Version: Version = [4, 3, 1];

export const helm4: Product<'helm'> = {
  name: 'helm',
  version: helm4Version,
  minimum: helm4Version,
  tools: ['helm'],
  pinned: true,
  versionParameters: { helm: ['version', '--short'] },
  build: {
    directory: join(goModules, 'helm4'),
    packages: { helm: 'helm.sh/helm/v4/cmd/helm' },
    linkerFlags: [`-X helm.sh/helm/v4/internal/version.version=v${versionText(helm4Version)}`],
  },
};
