import type { JobResult, LaneJob } from '@autoweave/crds';
import type { LaneCopy, RoomEntry, Routing } from './room-state.ts';

/** Where jobs wait, in order of arrival, until they have a result. */
export interface WaitingRooms {
  /** Adding an id that the room holds has no effect. */
  add(room: string, entries: readonly RoomEntry[]): Promise<void>;
  /** The first `limit` jobs. */
  read(room: string, limit: number): Promise<readonly RoomEntry[]>;
  size(room: string): Promise<number>;
  note(room: string, id: string, routing: Routing): Promise<void>;
  remove(room: string, id: string): Promise<void>;
  /** Names of the rooms that may hold jobs; it never lacks one that does. */
  list(): Promise<readonly string[]>;
  /** Takes an empty room off the list; one that has got a job meanwhile stays. */
  forget(room: string): Promise<void>;
}

/** The queues of the executors, one a node. */
export interface JobLanes {
  /** Adding an id that the lane holds has no effect. */
  add(node: string, job: LaneJob): Promise<void>;
  find(node: string, id: string): Promise<LaneCopy | undefined>;
  /**
   * Takes the copy out of the lane, also from under an executor that is gone.
   * @returns false when another instance has taken it since `copy` was read: then it stays.
   */
  withdraw(copy: LaneCopy, id: string): Promise<boolean>;
  /** Ids of the jobs of a lane that wait or run. */
  unfinished(node: string): Promise<readonly string[]>;
}

/** The durable results, one a job id. */
export interface JobRecords {
  has(id: string): Promise<boolean>;
  /** @returns false when the job has a result already; that one stays. */
  record(result: JobResult): Promise<boolean>;
}
