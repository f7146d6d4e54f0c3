import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Below it are those of all pods of this machine's kubelet, in each hierarchy. */
export const cgroupName = 'autoweave';

const removeAttempts = 100;
const retryMilliseconds = 100;

interface Hierarchy {
  readonly path: string;
  readonly version: 1 | 2;
}

/** Makes the cgroup of the cluster in every hierarchy that is mounted: cgroup v2, v1 or both. */
export async function makeCgroups(): Promise<void> {
  for (const { path, version } of await hierarchies()) {
    if (version === 2) await passControllersOn(path);
    await mkdir(join(path, cgroupName), { recursive: true });
    if (version === 2) await passControllersOn(join(path, cgroupName));
  }
}

/** Removes them with all below. Their processes must have ended. */
export async function removeCgroups(): Promise<void> {
  for (const { path } of await hierarchies()) await removeTree(join(path, cgroupName));
}

async function hierarchies(): Promise<Hierarchy[]> {
  return cgroupMounts(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** The hierarchies in a text as /proc/self/mountinfo has it. */
export function cgroupMounts(mountInfo: string): Hierarchy[] {
  return mountInfo.split('\n').flatMap((line): Hierarchy[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [type] = after.split(' ');
    const path = before.split(' ')[4] ?? '';
    if (type === 'cgroup') return [{ path, version: 1 }];
    return type === 'cgroup2' ? [{ path, version: 2 }] : [];
  });
}

/** In cgroup v2 children have only the controllers that their parent passes on. */
async function passControllersOn(path: string): Promise<void> {
  const controllers = (await readFile(join(path, 'cgroup.controllers'), 'utf8')).trim();
  if (controllers === '') return;
  const wanted = controllers.split(' ').map((name) => `+${name}`);
  await writeFile(join(path, 'cgroup.subtree_control'), wanted.join(' '));
}

async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => each.isDirectory())) await removeTree(join(path, entry.name));
  await removeOne(path);
}

/** Busy for a moment after the end of its last process. */
async function removeOne(path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt === removeAttempts) throw error;
      await delay(retryMilliseconds);
    }
  }
}
