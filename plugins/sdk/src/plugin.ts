import type { Context, DeviceContext, JobContext } from './context.ts';
import type { HotplugEvent } from './device.ts';
import type { Json } from './json.ts';

/**
 * Hooks of a plugin, all optional. One hook of a plugin runs at a time on a node. A hook may return a promise, must
 * answer within `spec.resources.timeoutSeconds`, and runs again for the same job when the process that ran it died:
 * write hooks so that running one twice does no harm.
 */
export interface Plugin {
  /** After loading, before any other hook; a plugin whose onStart fails is not loaded. */
  onStart?(context: Context): Done;
  /** Before a planned end: unloading, or another revision. Not before a crash or a deadline. */
  onStop?(context: Context): Done;
  /** What it returns is the result of the job: at most 16 KiB of JSON. */
  onAttach?(event: HotplugEvent, context: DeviceContext): Answer;
  /** Like onAttach. The device is gone already. */
  onDetach?(event: HotplugEvent, context: DeviceContext): Answer;
  /** A job that somebody submitted. */
  onJob?(job: Job, context: JobContext): Answer;
}

export interface Job {
  /** Stays the same when a crash makes the job run again. */
  readonly id: string;
  /** What the submitter sent; check it. Null when there was none. */
  readonly payload: Json;
}

/** `void` lets a hook end without a `return`. */
type Answer = Json | void | Promise<Json | void>;
type Done = void | Promise<void>;
