/** What an image is built from. */
export interface ImageBuild {
  /** Directory that the Dockerfile copies from. */
  readonly context: string;
  readonly dockerfile: string;
  readonly target?: string;
  /** Build arguments. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** e.g. `linux/amd64` */
  readonly platform: string;
  /** Time of all files, in seconds since 1970. */
  readonly epoch: number;
  /** e.g. `autoweave/operator:0.1.0` */
  readonly reference: string;
  /** File that becomes the image: a docker-archive. */
  readonly archive: string;
}

/** A command with its parameters. */
export type Command = readonly [string, ...string[]];

/** Plans what a program that builds images is to do. */
export interface ContainerTool {
  readonly name: 'buildah' | 'podman' | 'docker';
  build(build: ImageBuild): Command[];
  /** Gets an image from its registry and writes it to a file. */
  pull(reference: string, platform: string, archive: string): Command[];
  /** Makes an archive available as a base. */
  load(archive: string): Command[];
  /** What `FROM` names after `load`. */
  base(archive: string, reference: string): string;
  /** Removes what it keeps in a store that was made for these builds. */
  clean(): Command[];
}

/** Build arguments and labels, as all of the tools take them. */
export function buildFlags({ context, dockerfile, target, ...build }: ImageBuild): string[] {
  return [
    `--file=${dockerfile}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
    `--platform=${build.platform}`,
    `--tag=${build.reference}`,
    ...pairs('build-arg', build.parameters),
    ...pairs('label', build.labels),
    context,
  ];
}

function pairs(flag: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${flag}=${name}=${value}`);
}
