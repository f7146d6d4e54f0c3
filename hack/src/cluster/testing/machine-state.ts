import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../processes/run-command.ts';
import { cgroupMounts, cgroupName } from '../sandbox/cgroups.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../sandbox/process-table.ts';

/** What a cluster changes of this machine, in words that can be compared. */
export interface MachineState {
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly tables: readonly string[];
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  readonly forwarding: string;
}

export async function machineState(): Promise<MachineState> {
  const mountInfo = await readFile('/proc/self/mountinfo', 'utf8');
  const lists = await Promise.all(
    cgroupMounts(mountInfo).map(async ({ path }) => (await readdir(path)).map((name) => join(path, name))),
  );
  return {
    links: await readdir('/sys/class/net'),
    routes: lines(await runCommand('ip', ['route'])),
    tables: lines(await runCommand('nft', ['list', 'tables'])),
    mounts: mountInfo.split('\n').filter((line) => /autoweave|kubelet|containerd/.test(line)),
    cgroups: lists.flat().filter((path) => path.endsWith(`/${cgroupName}`)),
    forwarding: await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8'),
  };
}

/** Processes in namespaces of processes other than ours. */
export async function confinedProcesses(): Promise<ProcessIdentity[]> {
  const ours = await readlink('/proc/self/ns/pid');
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const namespace = await readlink(`/proc/${id}/ns/pid`).catch(() => ours);
      return namespace === ours ? undefined : identifyProcess(Number(id));
    }),
  );
  return found.filter((identity) => identity !== undefined);
}

export async function stillRunning(processes: readonly ProcessIdentity[]): Promise<ProcessIdentity[]> {
  const answers = await Promise.all(processes.map(isRunning));
  return processes.filter((_identity, index) => answers[index]);
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
