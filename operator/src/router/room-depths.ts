import type { RoomAction, RoomJob } from './room-state.ts';

export interface RoomDepthOptions {
  /** Jobs that are read of a room as a rule, so that a flood does not cost its square. */
  readonly head: number;
  /** Most that are read at all. */
  readonly whole: number;
}

export interface PlannedJobs {
  readonly jobs: readonly RoomJob[];
  readonly actions: readonly RoomAction[];
  /** Jobs in the whole room. */
  readonly size: number;
}

/**
 * How much of each room has to be read. An event may have passed jobs that could not run, so behind the head there may
 * be copies that keep a job of the head waiting: a room is read whole until it was seen to have none there.
 */
export class RoomDepths {
  readonly whole: number;
  readonly #head: number;
  /** Rooms of which the head is enough. Of this process alone: a successor reads each room whole first. */
  readonly #shallow = new Set<string>();

  constructor({ head, whole }: RoomDepthOptions) {
    this.#head = head;
    this.whole = whole;
  }

  limit(room: string): number {
    return this.#shallow.has(room) ? this.#head : this.whole;
  }

  /**
   * To be told before anything is done: a copy that is released counts as there, whatever becomes of it.
   *
   * @returns whether nothing of the head waits and more stands behind it: then the room should be looked at again.
   */
  planned(room: string, { jobs, actions, size }: PlannedJobs): boolean {
    const moved = new Set(actions.map(({ id }) => id));
    const moves = ({ entry, copy }: RoomJob): boolean => copy !== undefined || moved.has(entry.id);
    const isHeadDone = jobs.length < size && jobs.every(moves);
    if (size === 0 || isHeadDone || jobs.slice(this.#head).some(moves)) this.#shallow.delete(room);
    else this.#shallow.add(room);
    return isHeadDone;
  }
}
