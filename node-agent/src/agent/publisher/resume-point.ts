import type { HotplugMark } from '@autoweave/crds';
import type { Journal } from '../journal/journal.ts';

/** Where sending goes on. Positions are those of the journal. */
export interface ResumePoint {
  /** Events after this position are sent. */
  readonly after: number;
  /** The stream has everything up to here, as far as it can be known. */
  readonly complete: number;
  /** Redis does not expect the next event: it must be told to take it all the same. */
  readonly jump: boolean;
}

type ResumableJournal = Pick<Journal, 'acknowledged' | 'firstPosition' | 'locate'>;

/**
 * From the event that Redis had last. A mark that Redis lost, or that is from before our journal, means that Redis may lack
 * all we have: then the whole tail goes again. `refused`: the mark changed under our feet. If it is not ours then, another
 * agent writes as this node; sending everything again after each of its events would be a flood.
 */
export function resumePoint(mark: HotplugMark | undefined, journal: ResumableJournal, refused: boolean): ResumePoint {
  const position = mark === undefined ? undefined : journal.locate(mark.epoch, mark.sequence);
  if (position !== undefined) return { after: position, complete: position, jump: false };
  const { acknowledged, firstPosition } = journal;
  if (mark !== undefined && refused) return { after: acknowledged, complete: acknowledged, jump: true };
  return { after: firstPosition - 1, complete: 0, jump: true };
}

/** Whether Redis claims events of this epoch that were never recorded. */
export function isAhead(mark: HotplugMark | undefined, current: Pick<Journal, 'epoch' | 'lastSequence'>): boolean {
  return mark?.epoch === current.epoch && mark.sequence > current.lastSequence;
}
