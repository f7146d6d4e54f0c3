import { type FileHandle, open } from 'node:fs/promises';

/** An image in a file that `ctr images import`, `docker load` and `podman load` take: a docker-archive. */
export interface ImageArchive {
  /** Without registry and tag, e.g. `autoweave/operator`. */
  readonly name: string;
  /** What a pod names, e.g. `autoweave/operator:0.1.0`. */
  readonly reference: string;
  /** Absolute. */
  readonly path: string;
}

/** What is in a docker-archive. */
export interface ImageFacts {
  /** Digest of its configuration, which names all layers: equal for equal images. */
  readonly id: string;
  readonly platform: string;
  readonly layers: readonly Layer[];
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Layer {
  /** Of its uncompressed content. */
  readonly digest: string;
  /** Uncompressed. */
  readonly bytes: number;
}

interface Manifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}

interface Configuration {
  readonly os: string;
  readonly architecture: string;
  readonly config?: { readonly User?: string; readonly Labels?: Readonly<Record<string, string>> };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

interface Member {
  readonly offset: number;
  readonly bytes: number;
}

const blockBytes = 512;

/** Reads the headers only, so that a large archive costs nothing. @throws Error when it is none. */
export async function readImageArchive(path: string): Promise<ImageFacts> {
  const file = await open(path);
  try {
    const members = await membersOf(file);
    const json = async (name: string): Promise<unknown> => {
      const { offset, bytes } = memberOf(members, name);
      const { buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, offset);
      return JSON.parse(buffer.toString('utf8'));
    };
    const [manifest] = (await json('manifest.json')) as readonly [Manifest];
    const configuration = (await json(manifest.Config)) as Configuration;
    return {
      id: `sha256:${manifest.Config.replace(/^.*\//, '').replace(/\.json$/, '')}`,
      platform: `${configuration.os}/${configuration.architecture}`,
      layers: configuration.rootfs.diff_ids.map((digest, index) => ({
        digest,
        bytes: memberOf(members, manifest.Layers[index] ?? '').bytes,
      })),
      user: configuration.config?.User ?? '',
      labels: configuration.config?.Labels ?? {},
    };
  } finally {
    await file.close();
  }
}

/** Bytes that an image adds to its base. */
export function bytesAbove(image: ImageFacts, base: ImageFacts): number {
  const below = new Set(base.layers.map(({ digest }) => digest));
  return image.layers.filter(({ digest }) => !below.has(digest)).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Members of a tar file by name, see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar). */
async function membersOf(file: FileHandle): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  const header = Buffer.alloc(blockBytes);
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(header, 0, blockBytes, position);
    const name = textOf(header, 0, 100);
    if (bytesRead < blockBytes || name === '') return members;
    const prefix = textOf(header, 345, 155);
    const bytes = Number.parseInt(textOf(header, 124, 12), 8);
    members.set(prefix === '' ? name : `${prefix}/${name}`, { offset: position + blockBytes, bytes });
    position += blockBytes + Math.ceil(bytes / blockBytes) * blockBytes;
  }
}

function textOf(header: Buffer, offset: number, length: number): string {
  return header
    .toString('latin1', offset, offset + length)
    .replace(/\0.*$/s, '')
    .trim();
}

function memberOf(members: ReadonlyMap<string, Member>, name: string): Member {
  const member = members.get(name);
  if (member === undefined) throw new Error(`The image archive has no ${name}`);
  return member;
}
