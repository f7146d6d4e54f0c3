import { errorMessage, type AutoWeaveError } from '@autoweave/platform/errors';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { JournalEntry } from './device-record.ts';
import type { JournalChanges, JournalFile } from './journal-file.ts';
import { declareJournalMetrics, type JournalMetrics } from './journal-metrics.ts';
import { journalState, type JournalState } from './journal-state.ts';
import { journalError, openJournalFile, setAsideJournalFile } from './open-journal-file.ts';
import { shedEntries } from './shed-entries.ts';
import { isCorrupt } from './sqlite-errors.ts';

export interface JournalStoreOptions {
  /** Of the SQLite file. */
  readonly path: string;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly limits?: Partial<JournalLimits>;
}

export interface JournalLimits {
  /** Acknowledged events to keep, in case Redis loses them. */
  readonly tail: number;
  /** Events that wait for Redis on disk; beyond it superseded ones are dropped, the oldest first. */
  readonly backlog: number;
  /** The same for events that wait for the disk. */
  readonly memory: number;
  /** Bytes of the file, so that it does not eat the disk of the node. */
  readonly fileBytes: number;
}

const defaultLimits: JournalLimits = { tail: 10_000, backlog: 100_000, memory: 10_000, fileBytes: 256 * 1024 * 1024 };
const tidyMilliseconds = 1000;
const startLockWaitMilliseconds = 2000;
const pruneBatch = 500;

/** Keeps entries and state on disk, or in memory while the disk refuses. Limits hold for both. */
export class JournalStore {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #metrics: JournalMetrics;
  readonly #limits: JournalLimits;
  #state = journalState();
  #file: JournalFile | undefined;
  #problem: AutoWeaveError | undefined;
  #unsaved: JournalEntry[] = [];
  /** State that is not of one device, or a new file: save all of it next time. */
  #saveWhole = true;
  #tidyTimer: NodeJS.Timeout | undefined;
  #tidiedPosition = -1;
  #isOpen = false;
  /** Position at which the backlog is counted next: counting it with every event would be slow. */
  #nextCount = 0;

  constructor({ path, logger, metrics, limits }: JournalStoreOptions) {
    this.#path = path;
    this.#logger = logger.child({ path });
    this.#metrics = declareJournalMetrics(metrics);
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** @throws AutoWeaveError AW_JOURNAL_LOCKED when another process uses the file. */
  open(): JournalState {
    this.#isOpen = true;
    try {
      this.#file = this.#openFile(startLockWaitMilliseconds);
      this.#state = journalState(this.#file.read());
    } catch (error) {
      const failure = journalError(this.#path, error);
      if (failure.code === 'AW_JOURNAL_LOCKED') throw failure;
      this.#failed(error);
    }
    return this.#state;
  }

  /** Whoever comes later finds it closed: nothing is opened again. */
  close(): void {
    if (this.#file !== undefined) this.#save(this.#state.acknowledged);
    this.#isOpen = false;
    clearTimeout(this.#tidyTimer);
    this.#file?.close();
    this.#file = undefined;
  }

  /** Why events are kept in memory only; undefined when they are on disk. */
  get problem(): AutoWeaveError | undefined {
    return this.#problem;
  }

  append(entry: JournalEntry): void {
    this.#unsaved.push(entry);
    if (this.#problem === undefined) this.#save();
    this.#shed();
    this.tidyLater();
  }

  /** State changed without an event: it is written with the next one, or soon. */
  tidyLater(): void {
    this.#tidyTimer ??= setTimeout(() => this.#tidy(), tidyMilliseconds).unref();
  }

  /** The same for state that is not of one device. */
  saveWhole(): void {
    this.#saveWhole = true;
    this.tidyLater();
  }

  /** @throws AutoWeaveError AW_JOURNAL_UNWRITABLE when the disk cannot be read. */
  entriesAfter(position: number, limit: number): JournalEntry[] {
    const saved = this.#savedAfter(position, limit);
    if (saved.length === limit) return saved;
    const unsaved = this.#unsaved.filter((entry) => entry.position > position);
    return [...saved, ...unsaved.slice(0, limit - saved.length)];
  }

  /** Keeps the tail, in steps, so that no call takes long. */
  prune(): void {
    const { firstPosition, acknowledged } = this.#state;
    const through = firstPosition - 1 + pruneBatch;
    if (this.#file === undefined || acknowledged - this.#limits.tail < through) return;
    if (this.#attempt((file) => file.removeThrough(through))) this.#state.firstPosition = through + 1;
  }

  get #firstUnsaved(): number {
    return this.#unsaved[0]?.position ?? this.#state.lastPosition + 1;
  }

  #openFile(lockWaitMilliseconds = 0): JournalFile {
    const options = { lockWaitMilliseconds, maxBytes: this.#limits.fileBytes };
    const { file, setAside } = openJournalFile(this.#path, options);
    if (setAside !== undefined) this.#logger.error({ reason: setAside }, 'Journal was damaged and set aside');
    return file;
  }

  /** Saves what can wait; when nothing happened for a while, also does what waits for the disk. */
  #tidy(): void {
    clearTimeout(this.#tidyTimer);
    this.#tidyTimer = undefined;
    const { lastPosition, acknowledged } = this.#state;
    const isQuiet = this.#tidiedPosition === lastPosition;
    this.#tidiedPosition = lastPosition;
    if (!this.#save(acknowledged)) return;
    if (isQuiet) this.#attempt((file) => file.checkpoint());
    else this.tidyLater();
  }

  /** @returns Whether everything is on disk now. */
  #save(acknowledged?: number): boolean {
    const saved = this.#attempt((file) => file.save(this.#changes(acknowledged)));
    if (!saved) return false;
    this.#unsaved = [];
    this.#saveWhole = false;
    this.#state.ledger.saved();
    if (this.#problem !== undefined) {
      this.#problem = undefined;
      this.#metrics.unsaved.set(0);
      this.#logger.info('Journal became writable again');
    }
    return true;
  }

  #attempt(work: (file: JournalFile) => void): boolean {
    if (!this.#isOpen) return false;
    try {
      this.#file ??= this.#openLate();
      work(this.#file);
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #changes(acknowledged: number | undefined): JournalChanges {
    const { ledger, epochs, distrusted, lastPosition } = this.#state;
    if (this.#saveWhole) ledger.markAllChanged();
    return {
      entries: this.#unsaved,
      records: new Map([...ledger.changed].map((key) => [key, ledger.get(key)] as const)),
      // An epoch goes with its first event, which may come long after the epoch began.
      epochs: epochs.begun(lastPosition).filter(({ base }) => this.#saveWhole || base + 1 >= this.#firstUnsaved),
      distrusted: this.#saveWhole ? [...distrusted] : [],
      acknowledged,
    };
  }

  /** A file that turns up only now is of an earlier life, whose state was not compared with the first scan. */
  #openLate(): JournalFile {
    const file = this.#openFile();
    const { lastPosition, acknowledged } = file.read();
    if (lastPosition === 0) return file;
    file.close();
    setAsideJournalFile(this.#path);
    this.#logger.error('Journal of an earlier run came too late and was set aside');
    this.#tellLost(lastPosition - acknowledged, 'set_aside');
    return this.#openFile();
  }

  #failed(error: unknown): void {
    if (isCorrupt(error) && this.#file !== undefined) this.#abandonFile(error);
    const problem = journalError(this.#path, error);
    if (this.#problem?.message !== problem.message) this.#logger.error({ error: problem }, 'Journal was not written');
    this.#problem = problem;
    this.#metrics.unsaved.set(this.#unsaved.length);
    this.tidyLater();
  }

  #abandonFile(error: unknown): void {
    const saved = this.#firstUnsaved - 1;
    const lost = Math.max(0, saved - this.#state.acknowledged);
    this.#file?.close();
    this.#file = undefined;
    setAsideJournalFile(this.#path);
    this.#saveWhole = true;
    this.#state.firstPosition = saved + 1;
    this.#logger.error({ reason: errorMessage(error) }, 'Journal was damaged and set aside');
    this.#tellLost(lost, 'set_aside');
  }

  #savedAfter(position: number, limit: number): JournalEntry[] {
    if (this.#file === undefined || position >= this.#firstUnsaved - 1) return [];
    try {
      return this.#file.entriesAfter(position, limit);
    } catch (error) {
      this.#failed(error);
      if (this.#file === undefined) return [];
      throw journalError(this.#path, error);
    }
  }

  #shed(): void {
    if (this.#unsaved.length > this.#limits.memory) this.#shedMemory();
    const { lastPosition, acknowledged } = this.#state;
    if (lastPosition - acknowledged > this.#limits.backlog && lastPosition >= this.#nextCount) this.#shedFile();
  }

  #shedMemory(): void {
    const { acknowledged, ledger } = this.#state;
    const lastOfDevice = new Set([...ledger.values()].map((record) => record.position));
    const kept = shedEntries(this.#unsaved, { limit: lessATenth(this.#limits.memory), acknowledged, lastOfDevice });
    const waiting = (entries: JournalEntry[]) => entries.filter((entry) => entry.position > acknowledged).length;
    this.#tellLost(waiting(this.#unsaved) - waiting(kept), 'memory_full');
    this.#unsaved = kept;
    // What was dropped may have been the first of its epoch.
    this.#saveWhole = true;
  }

  #shedFile(): void {
    const { lastPosition, acknowledged } = this.#state;
    const { backlog } = this.#limits;
    this.#nextCount = lastPosition + backlog - lessATenth(backlog);
    this.#attempt((file) => {
      const excess = file.countAfter(acknowledged) - backlog;
      if (excess <= 0) return;
      const room = excess + backlog - lessATenth(backlog);
      this.#tellLost(file.removeSuperseded(acknowledged, room), 'backlog_full');
    });
  }

  #tellLost(count: number, reason: 'backlog_full' | 'memory_full' | 'set_aside'): void {
    if (count === 0) return;
    this.#metrics.lost.add(count, { reason });
    this.#logger.warn({ count, reason, code: 'AW_SEQUENCE_GAP' }, 'Events were dropped before Redis had them');
  }
}

function lessATenth(limit: number): number {
  return limit - Math.ceil(limit / 10);
}
