import { DeviceLedger } from './device-ledger.ts';
import { Epochs } from './epochs.ts';
import type { JournalContents } from './journal-file.ts';

/** What the journal knows besides the events themselves. */
export interface JournalState {
  readonly ledger: DeviceLedger;
  readonly epochs: Epochs;
  /** Serial numbers that two devices had at once. */
  readonly distrusted: Set<string>;
  firstPosition: number;
  lastPosition: number;
  /** Position up to which the stream has all events. */
  acknowledged: number;
}

export function journalState(contents?: JournalContents): JournalState {
  return {
    ledger: new DeviceLedger(contents?.records),
    epochs: new Epochs(contents?.epochs),
    distrusted: new Set(contents?.distrusted),
    firstPosition: contents?.firstPosition ?? 1,
    lastPosition: contents?.lastPosition ?? 0,
    acknowledged: contents?.acknowledged ?? 0,
  };
}
