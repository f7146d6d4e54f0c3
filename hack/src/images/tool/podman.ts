import { buildFlags, type Command, type ContainerTool } from './container-tool.ts';

/** podman, with the user's own store. */
export function podman(path: string): ContainerTool {
  const save = (reference: string, archive: string): Command => [
    path,
    'save',
    '--quiet',
    '--format=docker-archive',
    `--output=${archive}`,
    reference,
  ];
  return {
    name: 'podman',
    build: (build) => [
      [path, 'build', '--layers=false', `--timestamp=${build.epoch}`, ...buildFlags(build)],
      save(build.reference, build.archive),
    ],
    pull: (reference, platform, archive) => [
      [path, 'pull', `--platform=${platform}`, reference],
      save(reference, archive),
    ],
    load: () => [],
    base: (archive) => `docker-archive:${archive}`,
    clean: () => [],
  };
}
