import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { contentKey } from '../../guest/content-key.ts';
import { keepNewest } from '../../images/keep-newest.ts';
import { runCommand } from '../../processes/run-command.ts';
import { ServerProcess } from '../../processes/server-process.ts';
import { cacheEntry } from '../../tools/cache.ts';
import type { NodeTools, ToolContext } from '../../tools/index.ts';

export interface NodeDriveOptions {
  readonly context: ToolContext;
  readonly tools: NodeTools;
  readonly mke2fs: string;
  /** Paths of image archives. */
  readonly archives: readonly string[];
}

/** A gigabyte each. */
const keptDrives = 2;
/** Most that the drive can hold; the file is sparse. */
const megabytes = 16_000;

/**
 * An ext4 image with the programs of a node in `bin`, and `containerd`, which has the images already: to import them in
 * an emulated machine takes minutes. Made again when a program or an image changes.
 */
export async function nodeDrive({ context, tools, mke2fs, archives }: NodeDriveOptions): Promise<string> {
  const programs = [tools.containerd, tools.containerdShim, tools.kubelet, tools.kubeProxy, tools.runc];
  const files = [...programs, ...Object.values(tools.networkPlugins)];
  const digests = await Promise.all(archives.map(digestOf));
  const directory = await cacheEntry({
    cacheDirectory: context.cacheDirectory,
    kind: 'usb-node',
    // The path of a program tells its version.
    key: contentKey([...files, ...digests]),
    fill: (empty) =>
      context.progress.during('Making the drive of the USB node', async () => {
        const tree = join(empty, 'files');
        await mkdir(join(tree, 'bin'), { recursive: true });
        for (const file of files) await cp(file, join(tree, 'bin', basename(file)));
        await importInto({ directory: join(tree, 'containerd'), scratch: join(empty, 'scratch'), tools, archives });
        const image = join(empty, 'node.ext4');
        await runCommand(mke2fs, ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', tree, image, `${megabytes}M`]);
        await rm(tree, { recursive: true });
      }),
  });
  await keepNewest(context.cacheDirectory, 'usb-node-', keptDrives);
  return join(directory, 'node.ext4');
}

/** Fills a directory with what a containerd would have there after importing the images. */
async function importInto(options: {
  readonly directory: string;
  readonly scratch: string;
  readonly tools: NodeTools;
  readonly archives: readonly string[];
}): Promise<void> {
  const { directory, scratch, tools, archives } = options;
  await mkdir(scratch);
  const socket = join(scratch, 'containerd.sock');
  const ctr = (parameters: readonly string[]): Promise<string> =>
    runCommand(tools.ctr, [`--address=${socket}`, '--namespace=k8s.io', ...parameters]);
  const configuration = join(scratch, 'containerd.toml');
  await writeFile(configuration, importerConfiguration({ directory, scratch, socket }));
  const server = new ServerProcess({
    // Its mounts are its own, and end with it.
    command: 'unshare',
    parameters: ['--mount', tools.containerd, `--config=${configuration}`, '--log-level=warn'],
    directory: scratch,
    logFile: join(scratch, 'containerd.log'),
    isReady: async () => (await ctr(['version'])) !== '',
  });
  try {
    await server.start();
    for (const archive of archives) await ctr(['images', 'import', '--local', archive]);
  } finally {
    await server.stop();
    await rm(scratch, { recursive: true });
  }
}

function importerConfiguration(paths: {
  readonly directory: string;
  readonly scratch: string;
  readonly socket: string;
}): string {
  return `version = 3
root = '${paths.directory}'
state = '${paths.scratch}/state'
disabled_plugins = ['io.containerd.internal.v1.opt', 'io.containerd.grpc.v1.cri', 'io.containerd.nri.v1.nri']
[grpc]
address = '${paths.socket}'
`;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
