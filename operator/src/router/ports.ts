import type { JobResult, LaneJob } from '@autoweave/crds';
import type { LaneCopy, RoomEntry, Routing } from './room-state.ts';

/** Where jobs wait, in order of arrival, until they have a result. */
export interface WaitingRooms {
  /** Jobs by room, in order of arrival. Adding an id that the room holds has no effect. */
  add(jobs: ReadonlyMap<string, readonly RoomEntry[]>): Promise<void>;
  /** The first `limit` jobs. */
  read(room: string, limit: number): Promise<RoomHead>;
  size(room: string): Promise<number>;
  note(room: string, id: string, routing: Routing): Promise<void>;
  /** @returns how many jobs are left. */
  remove(room: string, ids: readonly string[]): Promise<number>;
  /** Names of the rooms that may hold jobs; it never lacks one that does. */
  list(): Promise<readonly string[]>;
  /** Takes an empty room off the list; one that has got a job meanwhile stays. */
  forget(room: string): Promise<void>;
}

export interface RoomHead {
  readonly entries: readonly RoomEntry[];
  /** Jobs in the whole room. */
  readonly size: number;
}

/** The queues of the executors, one a node. */
export interface JobLanes {
  /** Adding an id that the lane holds has no effect. */
  add(node: string, job: LaneJob): Promise<void>;
  /** The copies of these jobs, by id, of those that have one. */
  find(node: string, ids: readonly string[]): Promise<ReadonlyMap<string, LaneCopy>>;
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
  /** Which of these jobs have a result. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** @returns false when the job has a result already; that one stays. */
  record(result: JobResult): Promise<boolean>;
}
