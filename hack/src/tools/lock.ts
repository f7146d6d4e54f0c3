import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

const retryMilliseconds = 500;
const sqliteBusy = 5;

/**
 * Runs `work` while no other process does so for the same directory. The lock is SQLite's, so the system frees it
 * when its owner dies, however that happens: nothing stale is left to clean up.
 */
export async function withDirectoryLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  await mkdir(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, '.lock'), { timeout: 0 });
  try {
    while (!lock(database)) await delay(retryMilliseconds);
    return await work();
  } finally {
    database.close();
  }
}

function lock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}
