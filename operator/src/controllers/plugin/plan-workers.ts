import type { AutoWeavePluginWorker, JobResult } from '@autoweave/crds';
import type { Executor } from '../../ports.ts';
import type { Worker } from './worker-job.ts';

export interface WorkersWorld {
  /** `revisionName` of what should be loaded everywhere; undefined: nothing. */
  readonly revision: string | undefined;
  /** status.workers as it stands. */
  readonly known: readonly AutoWeavePluginWorker[];
  readonly executors: readonly WorkplaceExecutor[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** An executor that can run the plugin. */
export interface WorkplaceExecutor extends Pick<Executor, 'node' | 'instance'> {
  /** False: the plugin does not belong there any more, and is unloaded. Default true. */
  readonly isWanted?: boolean;
}

/** What status.workers holds. Executors beyond load a plugin with its first job there, and are not followed. */
const maximumWorkers = 256;
/** Longer than a load may take: 600 s for onStart, and what else is in the lane. */
const patienceMilliseconds = 900_000;
const firstRetryMilliseconds = 10_000;
const longestRetryMilliseconds = 300_000;

/** Failures that another try may mend without a change of the plugin. */
const passingFailures: ReadonlySet<string> = new Set([
  'AW_BUNDLE_MISSING',
  'AW_JOB_EXPIRED',
  'AW_JOB_STALLED',
  'AW_PLUGIN_ENDED',
  'AW_PROTOCOL_VIOLATION',
  'AW_REDIS_UNREACHABLE',
  'AW_RUNNER_UNAVAILABLE',
]);

/** The next state of the worker at each executor, before the results of its job are known. In the order of nodes. */
export function planWorkers({ executors, known, now, revision }: WorkersWorld): readonly Worker[] {
  const followed = executors.toSorted((left, right) => (left.node < right.node ? -1 : 1)).slice(0, maximumWorkers);
  return followed.flatMap(({ instance, isWanted = true, node }) => {
    const former = known.map(complete).find((worker) => worker?.node === node && worker.instance === instance);
    if (revision === undefined) return former === undefined ? [] : withdrawn(former, now);
    if (!isWanted) return former === undefined || former.state === 'Unloaded' ? [] : withdrawn(former, now);
    return wanted(
      former ?? { node, instance, revision, state: 'Unloaded', attempt: 0, since: time(now) },
      revision,
      now,
    );
  });
}

/** @param records of `workerJobId`, those that ended */
export function settleWorker(worker: Worker, record: JobResult | undefined, now: number): Worker {
  if (record === undefined) return worker;
  if (worker.state === 'Unloading') return changed(worker, 'Unloaded', now);
  if (record.state === 'Succeeded') return changed(worker, 'Loaded', now);
  const { code = 'AW_PLUGIN_LOAD_FAILED', message = '' } = record;
  return { ...changed(worker, 'Failed', now), code, message: message.slice(0, 1024) };
}

/** When the worker must be looked at again though nothing happened; undefined when never. */
export function retryTime(worker: AutoWeavePluginWorker): number | undefined {
  const { attempt = 1, code = '', since = '', state } = worker;
  const changedAt = Date.parse(since) || 0;
  if (state === 'Loading' || state === 'Unloading') return changedAt + patienceMilliseconds;
  if (state !== 'Failed' || !passingFailures.has(code)) return undefined;
  return changedAt + Math.min(firstRetryMilliseconds * 2 ** (attempt - 1), longestRetryMilliseconds);
}

function wanted(worker: Worker, revision: string, now: number): Worker {
  const isDue = (retryTime(worker) ?? Infinity) <= now;
  const isRight = worker.revision === revision && (worker.state === 'Loaded' || worker.state === 'Loading');
  const isHopeless = worker.revision === revision && worker.state === 'Failed';
  if ((isRight || isHopeless) && !isDue) return worker;
  return { ...changed(worker, 'Loading', now), revision, attempt: worker.attempt + 1 };
}

function withdrawn(worker: Worker, now: number): Worker {
  if (worker.state === 'Unloaded') return worker;
  if (worker.state === 'Failed') return changed(worker, 'Unloaded', now);
  if (worker.state !== 'Unloading') return changed(worker, 'Unloading', now);
  return (retryTime(worker) ?? Infinity) <= now ? changed(worker, 'Unloaded', now) : worker;
}

function changed({ attempt, instance, node, revision }: Worker, state: Worker['state'], now: number): Worker {
  return { node, state, instance, revision, attempt, since: time(now) };
}

/** Undefined for an entry that another version of the operator wrote. */
function complete(worker: AutoWeavePluginWorker): Worker | undefined {
  const { attempt, instance, revision, since } = worker;
  if (attempt === undefined || instance === undefined || revision === undefined || since === undefined)
    return undefined;
  return { ...worker, attempt, instance, revision, since };
}

function time(now: number): string {
  return new Date(now).toISOString();
}
