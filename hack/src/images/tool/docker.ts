import { buildFlags, type ContainerTool } from './container-tool.ts';

/** docker 23 or newer, with the daemon's own store. Files keep the time they are given; its directories do not. */
export function docker(path: string): ContainerTool {
  return {
    name: 'docker',
    build: ({ parameters, ...build }) => [
      [
        path,
        'build',
        ...buildFlags({ ...build, parameters: { ...parameters, SOURCE_DATE_EPOCH: String(build.epoch) } }),
      ],
      [path, 'save', `--output=${build.archive}`, build.reference],
    ],
    pull: (reference, platform, archive) => [
      [path, 'pull', `--platform=${platform}`, reference],
      [path, 'save', `--output=${archive}`, reference],
    ],
    load: (archive) => [[path, 'load', `--input=${archive}`]],
    base: (_archive, reference) => reference,
    clean: () => [],
  };
}
