import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What one `npm start` writes. */
export interface RunDirectory {
  readonly path: string;
  /** For what ends with the run: the journal, sockets. */
  readonly state: string;
  logFile(name: string): string;
}

const keptRuns = 10;
const runName = /^\d{8}T\d{6}Z-(\d+)$/;

/** A directory that no other run has. Those of the oldest runs that have ended are removed. */
export async function makeRunDirectory(runs: string, now = new Date()): Promise<RunDirectory> {
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const path = join(runs, `${stamp}-${process.pid}`);
  const state = join(path, 'state');
  await mkdir(state, { recursive: true, mode: 0o700 });
  const names = (await readdir(runs)).filter((name) => runName.test(name)).toSorted();
  for (const name of names.slice(0, -keptRuns)) {
    if (!isRunning(Number(runName.exec(name)?.[1]))) await rm(join(runs, name), { recursive: true, force: true });
  }
  return { path, state, logFile: (name) => join(path, `${name}.log`) };
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
