import { describe, expect, it } from 'vitest';
import { buildah } from './buildah.ts';
import type { ContainerTool, ImageBuild } from './container-tool.ts';
import { docker } from './docker.ts';
import { podman } from './podman.ts';

const build: ImageBuild = {
  context: '/files',
  dockerfile: '/hack/Dockerfile',
  target: 'operator',
  parameters: { BASE: 'node:26' },
  labels: { title: 'An operator' },
  platform: 'linux/arm64',
  epoch: 1_700_000_000,
  reference: 'autoweave/operator:0.1.0',
  archive: '/cache/operator.tar',
};
const tools: readonly ContainerTool[] = [
  buildah('buildah', { directory: '/store', driver: 'overlay' }),
  podman('podman'),
  docker('docker'),
];

describe.each(tools)('$name', (tool) => {
  const commands = tool.build(build);
  const parameters = commands[0] ?? [];

  it('builds one target for one platform, with arguments and labels', () => {
    expect(parameters).toEqual(
      expect.arrayContaining([
        '--file=/hack/Dockerfile',
        '--target=operator',
        '--platform=linux/arm64',
        '--tag=autoweave/operator:0.1.0',
        '--build-arg=BASE=node:26',
        '--label=title=An operator',
      ]),
    );
    expect(parameters.at(-1)).toBe('/files');
  });

  it('gives all files the same time', () => {
    expect(parameters.join(' ')).toMatch(/--timestamp=1700000000|--build-arg=SOURCE_DATE_EPOCH=1700000000 .*/);
  });

  it('ends with the image in a file', () => {
    expect(commands.flat().join(' ')).toContain('/cache/operator.tar');
    expect(tool.pull('node:26', 'linux/amd64', '/cache/base.tar').flat().join(' ')).toContain('/cache/base.tar');
  });

  it('names a base that is a file as FROM takes it', () => {
    const loaded = tool.load('/cache/base.tar').length > 0;
    expect(tool.base('/cache/base.tar', 'node:26')).toBe(loaded ? 'node:26' : 'docker-archive:/cache/base.tar');
  });
});
