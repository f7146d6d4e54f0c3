import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, which Linux fixes at 100 for everything it tells user space. */
export const ticksPerSecond = 100;

/** In megabytes. */
export interface ResidentMemory {
  readonly resident: number;
  /** The part that is no page of a file: the rest is mostly the executable of Node, which processes share. */
  readonly anonymous: number;
}

export function residentMemory(processId: number): ResidentMemory {
  const status = readFileSync(`/proc/${processId}/status`, 'latin1');
  const megabytes = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { resident: megabytes('VmRSS'), anonymous: megabytes('RssAnon') };
}

/** User and system time so far. */
export function cpuSeconds(processId: number): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
  // The name, in parentheses, may hold spaces; what follows it may not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export function childProcesses(processId: number): number[] {
  const threads = readdirSync(`/proc/${processId}/task`);
  const lists = threads.map((thread) => readFileSync(`/proc/${processId}/task/${thread}/children`, 'latin1'));
  return lists.flatMap((list) => list.split(' ').filter((text) => text !== '')).map(Number);
}
