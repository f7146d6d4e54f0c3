import { createHash } from 'node:crypto';
import type { AutoWeavePlugin, AutoWeavePluginWorker, LaneJob, PluginRevision } from '@autoweave/crds';
import { newTraceparent } from '@autoweave/platform/telemetry';

/** What status.workers[] knows of an executor, with all that a job for it needs. */
export type Worker = AutoWeavePluginWorker & {
  readonly instance: string;
  readonly revision: string;
  readonly attempt: number;
  readonly since: string;
};

/** Short name of what is loaded: another bundle or limit is another revision. */
export function revisionName({ bundleDigest, memoryMegabytes, runtime, timeoutSeconds, uid }: PluginRevision): string {
  return hash([uid, runtime, bundleDigest, memoryMegabytes, timeoutSeconds]).slice(0, 16);
}

/**
 * The id of the job that a worker waits for: the same for as long as it waits, so that asking again does not load again,
 * and another for each new wait, so that no former result counts for it.
 */
export function workerJobId(uid: string, { instance, node, revision, since, state }: Worker): string {
  return `${state === 'Unloading' ? 'unload' : 'load'}-${hash([uid, node, instance, revision, since]).slice(0, 32)}`;
}

/** It waits for a job. */
export function isWaiting({ state }: Worker): boolean {
  return state === 'Loading' || state === 'Unloading';
}

/** @param now milliseconds since 1970 */
export function workerJob(
  plugin: AutoWeavePlugin,
  worker: Worker,
  { now, revision }: { now: number; revision: PluginRevision },
): LaneJob {
  const { name, namespace = '' } = plugin.metadata;
  return {
    id: workerJobId(revision.uid, worker),
    type: worker.state === 'Unloading' ? 'plugin.unload' : 'plugin.load',
    plugin: { namespace, name },
    pluginUid: revision.uid,
    node: worker.node,
    exclusive: false,
    createdAt: now,
    expiresAt: now + timeToLiveMilliseconds,
    traceparent: newTraceparent(),
    revision,
  };
}

const timeToLiveMilliseconds = 3_600_000;

function hash(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
