import { randomBytes } from 'node:crypto';
import type { HotplugEvent } from '@autoweave/crds';
import type { AutoWeaveError } from '@autoweave/platform/errors';
import type { DistrustedSerials, EventSink, KnownDevice, Transition } from '../ports.ts';
import type { DeviceLedger } from './device-ledger.ts';
import type { JournalEntry } from './device-record.ts';
import { journalState, type JournalState } from './journal-state.ts';
import { JournalStore, type JournalStoreOptions } from './journal-store.ts';
import { newHotplugEvent } from './new-hotplug-event.ts';

export interface JournalOptions extends JournalStoreOptions {
  /** Name of the node, which goes into every event. */
  readonly node: string;
}

/** Half of the longest gap in the sequence of an epoch that Redis accepts: dropped events never make one longer. */
const longestEpoch = 500_000;

/** `names`: the devices whose state changed; `event` is undefined when that was without an event. */
export type JournalListener = (names: readonly string[], event: HotplugEvent | undefined) => void;

/**
 * Numbers events and keeps them, with the device state they add up to, in one transaction, before anything else hears of
 * them. While the disk refuses, they wait in memory under the same numbers.
 *
 * An epoch is one opening of the journal. What a power cut or a full disk took from the file may already be in the
 * stream; since no number of an earlier epoch is given out again, a new event is never taken for a duplicate of it.
 */
export class Journal implements EventSink {
  readonly #node: string;
  readonly #store: JournalStore;
  readonly #listeners = new Set<JournalListener>();
  #state: JournalState = journalState();
  #firstEpoch: string | undefined;

  constructor({ node, ...options }: JournalOptions) {
    this.#node = node;
    this.#store = new JournalStore(options);
  }

  /** @throws AutoWeaveError AW_JOURNAL_LOCKED when another process uses it. */
  open(): void {
    this.#state = this.#store.open();
    const isEmpty = this.#state.lastPosition === 0;
    this.beginEpoch();
    this.#firstEpoch = isEmpty ? this.epoch : undefined;
  }

  close(): void {
    this.#store.close();
  }

  get epoch(): string {
    return this.#state.epochs.current.epoch;
  }

  /** Whether all that this journal ever knew is of the current epoch: it does not know what a former one told. */
  get isInFirstEpoch(): boolean {
    return this.#firstEpoch === this.epoch;
  }

  /** Why events are kept in memory only; undefined when they are on disk. */
  get problem(): AutoWeaveError | undefined {
    return this.#store.problem;
  }

  /** Position of the oldest event that is kept. */
  get firstPosition(): number {
    return this.#state.firstPosition;
  }

  get lastPosition(): number {
    return this.#state.lastPosition;
  }

  /** Of the current epoch. */
  get lastSequence(): number {
    return this.#state.lastPosition - this.#state.epochs.current.base;
  }

  /** Position up to which the stream has all events. */
  get acknowledged(): number {
    return this.#state.acknowledged;
  }

  get devices(): Pick<DeviceLedger, 'byName' | 'values'> {
    return this.#state.ledger;
  }

  /** Devices that were present when the journal was last written: what the first scan is compared with. */
  lastState(): readonly KnownDevice[] {
    return this.#state.ledger.present();
  }

  /** Calls `listener` in the same turn; it must not throw. @returns Ends it. */
  subscribe(listener: JournalListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  record(transition: Transition): HotplugEvent {
    const state = this.#state;
    const position = state.lastPosition + 1;
    if (position - state.epochs.current.base > longestEpoch) this.beginEpoch();
    const { epoch, base } = state.epochs.current;
    const event = newHotplugEvent(transition, { node: this.#node, epoch, sequence: position - base });
    state.lastPosition = position;
    const names = state.ledger.apply({ position, event }, transition.device);
    this.#store.append({ position, event });
    for (const listener of this.#listeners) listener(names, event);
    return event;
  }

  /** Takes in attributes of a present device that became known after its attach. */
  refresh(device: KnownDevice): void {
    if (!this.#state.ledger.refresh(device)) return;
    this.#store.tidyLater();
    for (const listener of this.#listeners) listener([device.name], undefined);
  }

  /** The cluster knows the state of the device as of `position`: that it left some port before need not be kept. */
  forgetDeparted(name: string, position: number): void {
    if (this.#state.ledger.forgetDeparted(name, position)) this.#store.tidyLater();
  }

  readonly distrustedSerials: DistrustedSerials = {
    has: (key) => this.#state.distrusted.has(key),
    add: (key) => {
      if (this.#state.distrusted.has(key)) return;
      this.#state.distrusted.add(key);
      this.#store.saveWhole();
    },
  };

  /** Numbers start again from 1. */
  beginEpoch(): void {
    this.#state.epochs.begin({ base: this.#state.lastPosition, epoch: randomBytes(6).toString('hex') });
    this.#store.saveWhole();
  }

  /** Events in order. @throws AutoWeaveError AW_JOURNAL_UNWRITABLE when the disk cannot be read. */
  entriesAfter(position: number, limit: number): JournalEntry[] {
    return this.#store.entriesAfter(position, limit);
  }

  /** Position of an event by its number; undefined when its epoch is not of this journal. */
  locate(epoch: string, sequence: number): number | undefined {
    return this.#state.epochs.position(epoch, sequence, this.#state.lastPosition);
  }

  /**
   * Everything up to `position` is in the stream. Written with the next record or within a second: the stream itself
   * knows better after a crash.
   */
  acknowledge(position: number): void {
    if (position <= this.#state.acknowledged) return;
    this.#state.acknowledged = Math.min(position, this.#state.lastPosition);
    this.#store.tidyLater();
    this.#store.prune();
  }
}
