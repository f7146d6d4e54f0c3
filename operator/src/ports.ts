import type { JobResult, LaneJob, PluginKey } from '@autoweave/crds';

/** Where executors fetch verified bundles from (`redisKeys.bundle`). */
export interface BundleStore {
  /**
   * Makes the bundle available for at least an hour more. Idempotent and cheap to repeat: the text is sent only when it
   * is not there. `json` is `canonicalBundle(bundle)`, `digest` its `bundleDigest`.
   */
  publish(digest: string, json: string): Promise<void>;
}

/** The lanes of the executors (`queues.lane`). */
export interface Lanes {
  /** Adds a job to the lane of a node; one whose id the lane still knows is not added again. */
  add(node: string, job: LaneJob): Promise<void>;
}

/** What executors recorded. */
export interface ResultStore {
  /** Records of these jobs as far as they ended and are still kept (24 h), by job id. */
  records(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobResult>>;
  /** Counters and the latest records of the event hooks and jobs of a plugin, newest first, at most 10. */
  pluginResults(plugin: PluginKey): Promise<PluginResults>;
}

export interface PluginResults {
  readonly succeeded: number;
  readonly failed: number;
  readonly last: readonly JobResult[];
}

/** Which executors live now (`redisKeys.executor`). */
export interface ExecutorPresence {
  /**
   * One whose key is missing is still listed while that proves nothing: after Redis was away it only is late.
   *
   * @throws WaitError while one may live that this process has never seen; what Redis throws before the first reading.
   */
  list(): Promise<readonly Executor[]>;
}

export interface Executor {
  readonly node: string;
  /** Another with every start of the process. */
  readonly instance: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** Milliseconds since 1970, as Date.now. */
export interface Clock {
  now(): number;
}
