import { stat } from 'node:fs/promises';
import type { ClusterState } from './cluster-state.ts';
import { containerdSocket } from './layout.ts';
import type { Sandbox } from './sandbox/sandbox.ts';

/** Brings image archives into the containerd of this machine's node, but those that it has from before. */
export async function importImages(options: {
  readonly sandbox: Sandbox;
  readonly state: ClusterState;
  readonly ctr: string;
  /** Paths. */
  readonly archives: readonly string[];
}): Promise<void> {
  const { sandbox, state, ctr, archives } = options;
  const imported = new Set((await state.read('images')) ?? []);
  for (const archive of archives) {
    const { size, mtimeMs } = await stat(archive);
    const identity = `${archive} ${size} ${mtimeMs}`;
    if (imported.has(identity)) continue;
    await sandbox.run([
      ctr,
      `--address=${containerdSocket}`,
      '--namespace=k8s.io',
      'images',
      'import',
      '--local',
      archive,
    ]);
    await state.keep('images', [...imported.add(identity)]);
  }
}
