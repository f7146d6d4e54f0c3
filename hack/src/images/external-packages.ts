import type { Platform } from '../tools/platform.ts';
import type { ExternalName } from './product-images.ts';

export type Architecture = Platform['architecture'];

/** What an image needs of a package that is not bundled: paths and patterns below node_modules/<name>. */
export interface PackageFiles {
  readonly name: string;
  readonly files: readonly string[];
}

/** The licences are kept as well, see third-party-licenses.ts. Native files for glibc, as Debian's bases have. */
export function externalPackages(name: ExternalName, architecture: Architecture): readonly PackageFiles[] {
  const cpu = architecture === 'amd64' ? 'x64' : architecture;
  const packages: Readonly<Record<ExternalName, readonly PackageFiles[]>> = {
    koffi: [
      { name: 'koffi', files: ['package.json', 'index.js', 'src/koffi/index.js', 'src/koffi/src/*.js'] },
      { name: `@koromix/koffi-linux-${cpu}`, files: ['package.json', 'index.js', `linux_${cpu}/koffi.node`] },
    ],
    'isolated-vm': [
      { name: 'isolated-vm', files: ['package.json', 'isolated-vm.js', `prebuilds/linux-${cpu}/*.glibc.node`] },
      { name: 'node-gyp-build', files: ['package.json', 'index.js', 'node-gyp-build.js'] },
    ],
    usb: [
      { name: 'usb', files: ['package.json', 'index.js', 'dist/index.js'] },
      { name: `@node-usb/usb-linux-${cpu}-gnu`, files: ['package.json', `usb.linux-${cpu}-gnu.node`] },
    ],
    'usb.ids': [{ name: 'usb.ids', files: ['package.json', 'usb.ids'] }],
  };
  return packages[name];
}
