import type { ErrorCode, PluginRevision, WaitingJob } from '@autoweave/crds';
import type { LanePlaces } from './lane-windows.ts';

/** What the router keeps beside a job in its room. It survives the router. */
export interface Routing {
  /** Node whose lane may hold a copy. Event jobs do without: their copy can only be at the event's node. */
  readonly node?: string;
  /** Instances of the executors that ended while they ran it. */
  readonly endedExecutors?: readonly string[];
  /** Which executor refused it, since the device was not there, how often, and when the last time. */
  readonly handedBack?: { readonly node: string; readonly times: number; readonly at: number };
}

/** What a waiting room stores: the job, and under `routing` what only the router reads and writes. */
export interface RoomEntry extends WaitingJob {
  readonly routing?: Routing;
}

/** The copy of a job in a lane. */
export interface LaneCopy {
  readonly node: string;
  /** `ended`: the executor finished with it, or BullMQ gave it up. */
  readonly state: 'waiting' | 'running' | 'ended';
  /** Instance of the executor that took it. */
  readonly instance?: string;
  /** Why BullMQ gave it up. */
  readonly failure?: string;
}

/** What the router may do with the jobs of a plugin. */
export type PluginVerdict =
  | {
      readonly state: 'ready';
      readonly revision: PluginRevision;
      /** Where its pods, or the runners of its namespace, can be called; absent: wherever there is an executor. */
      readonly nodes?: readonly string[];
      /** Its pods are anywhere: it is called where they are, and not where the event was. */
      readonly isAnywhere?: boolean;
    }
  /** It is on its way; its jobs wait. */
  | { readonly state: 'pending' }
  /** Its jobs fail, with this code. */
  | { readonly state: 'refused'; readonly code: ErrorCode; readonly message: string };

/**
 * `unknown` after the start of the operator or a new connection to Redis, when a missing presence key proves nothing:
 * nothing is released to it and nothing is taken from it.
 */
export type ExecutorState =
  | { readonly state: 'present'; readonly instance: string }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown' };

export interface RoomJob {
  readonly entry: RoomEntry;
  /** Its result is recorded: it must not run again. */
  readonly recorded: boolean;
  readonly copy: LaneCopy | undefined;
  readonly plugin: PluginVerdict;
}

/** One room as it was read, with all that the decision about its jobs needs. */
export interface RoomState {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** In order of arrival. */
  readonly jobs: readonly RoomJob[];
  /** Nodes that hold the device of the room now. */
  readonly holders: readonly string[];
  readonly executors: ReadonlyMap<string, ExecutorState>;
  readonly places: LanePlaces;
}

export type RoomAction =
  /** Out of the room: it has its result. */
  | { readonly type: 'remove'; readonly id: string }
  /** The copy leaves its lane, after `routing`, when given, was noted in the room. */
  | { readonly type: 'withdraw'; readonly id: string; readonly copy: LaneCopy; readonly routing?: Routing }
  /** A Failed result is recorded without running it. */
  | { readonly type: 'fail'; readonly id: string; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'release'; readonly id: string; readonly node: string; readonly revision: PluginRevision };

export interface RoomPlan {
  readonly actions: readonly RoomAction[];
  /** Lanes that were full for some job of the room: nodes, and `shareKey`s where only the share of its plugin was. */
  readonly fullLanes: ReadonlySet<string>;
  /** Plugins of which an event that comes now would have to wait, `<namespace>/<name>`. */
  readonly heldPlugins: ReadonlySet<string>;
  /** Milliseconds until the room should be looked at again though nothing may happen; undefined: no hurry. */
  readonly again?: number;
}

/** A job whose executor ended is run again; one that ended this many is given up. */
export const maxEndedExecutors = 3;

/** Milliseconds for which the node that handed a job back is not asked again. */
export function handBackPause(times: number): number {
  return Math.min(30_000, 250 * 2 ** times);
}
