import { join } from 'node:path';
import { buildFlags, type Command, type ContainerTool } from './container-tool.ts';

/** How buildah keeps images while it works. */
export interface BuildahStore {
  readonly directory: string;
  /** overlay is five times as fast; vfs works everywhere, also in a container. */
  readonly driver: 'overlay' | 'vfs';
}

/** buildah needs no daemon, and no more of the system than `chroot` to run a command of a Dockerfile. */
export function buildah(path: string, store: BuildahStore): ContainerTool {
  const run = (command: string, ...parameters: string[]): Command => [
    path,
    ...storeFlags(store),
    command,
    ...parameters,
  ];
  return {
    name: 'buildah',
    build: (build) => [
      run('build', '--isolation=chroot', '--layers=false', `--timestamp=${build.epoch}`, ...buildFlags(build)),
      run('push', '--quiet', build.reference, `docker-archive:${build.archive}:${build.reference}`),
    ],
    pull: (reference, platform, archive) => [
      run('pull', `--platform=${platform}`, reference),
      run('push', '--quiet', reference, `docker-archive:${archive}:${reference}`),
    ],
    load: () => [],
    base: (archive) => `docker-archive:${archive}`,
    clean: () => [run('rmi', '--all', '--force')],
  };
}

export function storeFlags({ directory, driver }: BuildahStore): string[] {
  return [`--storage-driver=${driver}`, `--root=${join(directory, 'images')}`, `--runroot=${join(directory, 'run')}`];
}
