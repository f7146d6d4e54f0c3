import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { HotplugEvent } from '@autoweave/crds';
import type { DeviceRecord, JournalEntry } from './device-record.ts';
import type { Epoch } from './epochs.ts';

const schemaVersion = 1;

/** `events.position` counts up for the life of the file; `epochs` maps runs of positions to (epoch, sequence). */
const schema = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS epochs (base INTEGER PRIMARY KEY, epoch TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS devices (key TEXT PRIMARY KEY, position INTEGER NOT NULL, record TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS distrusted (serial TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;

/**
 * synchronous=NORMAL in WAL mode: a commit is a write to the page cache, so whatever was recorded survives any death
 * of the process; a power cut may take the last commits, never the consistency (https://sqlite.org/pragma.html#pragma_synchronous).
 * locking_mode=EXCLUSIVE before WAL: one writer, whose lock the kernel drops when it dies, and no -shm file.
 * A checkpoint waits for the disk, and with it the events of that moment: `checkpoint` does it in quiet times, and only a
 * log of 64 MiB does it by itself.
 */
const pragmas = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 16384;
  PRAGMA journal_size_limit = 16777216;
  PRAGMA cache_size = -1024;
`;

const pageBytes = 4096;

export interface JournalFileOptions {
  /** How long a dying predecessor may hold the lock. */
  readonly lockWaitMilliseconds?: number;
  /** At this size the file counts as full, like the disk. */
  readonly maxBytes: number;
}

export interface JournalContents {
  readonly lastPosition: number;
  readonly firstPosition: number;
  readonly acknowledged: number;
  readonly epochs: readonly Epoch[];
  readonly records: readonly DeviceRecord[];
  readonly distrusted: readonly string[];
}

/** What one transaction saves. */
export interface JournalChanges {
  readonly entries: readonly JournalEntry[];
  /** `undefined` removes the record. */
  readonly records: ReadonlyMap<string, DeviceRecord | undefined>;
  readonly epochs: readonly Epoch[];
  readonly distrusted: readonly string[];
  readonly acknowledged: number | undefined;
}

/** The journal on disk: one SQLite file, one writer. Every method throws the error of node:sqlite as it is. */
export class JournalFile {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;

  /** Creates file and directory when missing. */
  constructor(path: string, { lockWaitMilliseconds = 0, maxBytes }: JournalFileOptions) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new DatabaseSync(path, { timeout: lockWaitMilliseconds });
    try {
      this.#database.exec(pragmas);
      this.#database.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / pageBytes)}`);
      // Takes the lock without needing space on the disk.
      this.#database.exec('BEGIN IMMEDIATE; ROLLBACK');
      this.#verify();
      this.#createSchema();
      this.#statements = prepareStatements(this.#database);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** @throws SyntaxError when a record is not JSON. */
  read(): JournalContents {
    const { bounds, epochs, devices, distrusted, meta } = this.#statements;
    const { first, last } = bounds.get() as { first: number | null; last: number };
    const acknowledged = meta.get('acknowledged')?.['value'];
    return {
      firstPosition: first ?? last + 1,
      lastPosition: last,
      acknowledged: typeof acknowledged === 'number' ? acknowledged : 0,
      epochs: epochs.all() as unknown as Epoch[],
      records: devices.all().map(({ record }) => JSON.parse(String(record)) as DeviceRecord),
      distrusted: distrusted.all().map(({ serial }) => String(serial)),
    };
  }

  /** All or nothing. */
  save(changes: JournalChanges): void {
    const { insertEvent, putDevice, deleteDevice, insertEpoch, insertDistrusted, putMeta } = this.#statements;
    this.#transaction(() => {
      for (const { base, epoch } of changes.epochs) insertEpoch.run(base, epoch);
      for (const { position, event } of changes.entries) insertEvent.run(position, JSON.stringify(event));
      for (const [key, record] of changes.records) {
        if (record === undefined) deleteDevice.run(key);
        else putDevice.run(key, record.position, JSON.stringify(record));
      }
      for (const serial of changes.distrusted) insertDistrusted.run(serial);
      if (changes.acknowledged !== undefined) putMeta.run('acknowledged', changes.acknowledged);
    });
  }

  /** @throws SyntaxError when an event is not JSON. */
  entriesAfter(position: number, limit: number): JournalEntry[] {
    const rows = this.#statements.eventsAfter.all(position, limit);
    return rows.map((row) => ({
      position: Number(row['position']),
      event: JSON.parse(String(row['event'])) as HotplugEvent,
    }));
  }

  countAfter(position: number): number {
    return Number(this.#statements.countAfter.get(position)?.['count']);
  }

  removeThrough(position: number): void {
    this.#transaction(() => {
      this.#statements.removeThrough.run(position);
      this.#statements.removeEpochs.run();
    });
  }

  /** Removes the oldest events after `position`, but never the last one of a device. @returns How many. */
  removeSuperseded(position: number, limit: number): number {
    return Number(this.#statements.removeSuperseded.run(position, limit).changes);
  }

  /** Moves what was written from the log into the file. Waits for the disk. */
  checkpoint(): void {
    this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #verify(): void {
    const rows = this.#database.prepare('PRAGMA quick_check(1)').all();
    const result = rows[0]?.['quick_check'];
    if (result !== 'ok') throw new SyntaxError(`quick_check: ${String(result)}`);
  }

  /** Writes only to a new file: an existing one must open on a full disk, too. */
  #createSchema(): void {
    const [row] = this.#database.prepare('PRAGMA user_version').all();
    const version = Number(row?.['user_version']);
    if (version === schemaVersion) return;
    if (version !== 0) throw new SyntaxError(`schema ${version} is not known to this version`);
    this.#transaction(() => this.#database.exec(`${schema}; PRAGMA user_version = ${schemaVersion}`));
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    bounds: prepare(`
      SELECT min(position) AS first, max(coalesce(max(position), 0), (SELECT coalesce(max(base), 0) FROM epochs)) AS last
      FROM events`),
    meta: prepare('SELECT value FROM meta WHERE key = ?'),
    epochs: prepare('SELECT base, epoch FROM epochs ORDER BY base'),
    devices: prepare('SELECT record FROM devices'),
    distrusted: prepare('SELECT serial FROM distrusted'),
    eventsAfter: prepare('SELECT position, event FROM events WHERE position > ? ORDER BY position LIMIT ?'),
    countAfter: prepare('SELECT count(*) AS count FROM events WHERE position > ?'),
    insertEvent: prepare('INSERT INTO events (position, event) VALUES (?, ?)'),
    putDevice: prepare('INSERT OR REPLACE INTO devices (key, position, record) VALUES (?, ?, ?)'),
    deleteDevice: prepare('DELETE FROM devices WHERE key = ?'),
    insertEpoch: prepare('INSERT OR IGNORE INTO epochs (base, epoch) VALUES (?, ?)'),
    insertDistrusted: prepare('INSERT OR IGNORE INTO distrusted (serial) VALUES (?)'),
    putMeta: prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)'),
    removeThrough: prepare('DELETE FROM events WHERE position <= ?'),
    removeEpochs: prepare(`
      DELETE FROM epochs WHERE base < (
        SELECT max(base) FROM epochs WHERE base < (SELECT coalesce(min(position), 0) FROM events))`),
    removeSuperseded: prepare(`
      DELETE FROM events WHERE position IN (
        SELECT position FROM events WHERE position > ? AND position NOT IN (SELECT position FROM devices)
        ORDER BY position LIMIT ?)`),
  };
}
