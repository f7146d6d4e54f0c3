import { existsSync, renameSync, rmSync } from 'node:fs';
import { AutoWeaveError, errorMessage } from '@autoweave/platform/errors';
import { JournalFile, type JournalFileOptions } from './journal-file.ts';
import { isCorrupt, isLocked } from './sqlite-errors.ts';

export interface OpenedJournalFile {
  readonly file: JournalFile;
  /** Why the file that was there is now `<path>.set-aside`. */
  readonly setAside?: string;
}

/** A file that is no journal is set aside, in the place of one set aside before, and a new one begins. */
export function openJournalFile(path: string, options: JournalFileOptions): OpenedJournalFile {
  try {
    return { file: new JournalFile(path, options) };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    setAsideJournalFile(path);
    return { file: new JournalFile(path, options), setAside: errorMessage(error) };
  }
}

export function setAsideJournalFile(path: string): void {
  // The log of a file that is not trusted must not be replayed into the next one.
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  if (existsSync(path)) renameSync(path, `${path}.set-aside`);
}

export function journalError(path: string, error: unknown): AutoWeaveError {
  const code = isLocked(error) ? 'AW_JOURNAL_LOCKED' : 'AW_JOURNAL_UNWRITABLE';
  const state = isLocked(error) ? 'is in use by another process' : 'cannot be written';
  return new AutoWeaveError(code, `journal ${path} ${state}: ${errorMessage(error)}`, { cause: error });
}
