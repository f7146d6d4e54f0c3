import { readFile } from 'node:fs/promises';

/** A process as one can recognize it later: ids are used again, a pair with the start is not. */
export interface ProcessIdentity {
  readonly id: number;
  /** Clock ticks after the boot of the machine. */
  readonly startedAt: number;
}

/** Undefined when there is no such process, or only what is left of one that ended. */
export async function identifyProcess(id: number): Promise<ProcessIdentity | undefined> {
  const line = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  // The second field is the name in parentheses, which may hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state = '', startedAt] = [fields[0], fields[19]];
  if (startedAt === undefined || state === 'Z' || state === 'X') return undefined;
  return { id, startedAt: Number(startedAt) };
}

export async function isRunning(process: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(process.id))?.startedAt === process.startedAt;
}

/** Ids of the children of a process. */
export async function childrenOf(id: number): Promise<number[]> {
  const text = await readFile(`/proc/${id}/task/${id}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
