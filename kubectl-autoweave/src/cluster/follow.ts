import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '@autoweave/platform/errors';
import {
  isExpired,
  KubeConnectionError,
  KubeError,
  type KubeClient,
  type KubeObject,
  type Resource,
} from '@autoweave/platform/kube';
import { listAll, type Listing } from './list-all.ts';

export interface FollowOptions<T extends KubeObject> extends Listing {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** Where the first watch begins: what a list returned. */
  readonly resourceVersion: string;
  /** An object is new or changed; after an interruption it may be neither. */
  readonly onChange: (object: T) => Promise<void>;
  /** The connection is interrupted, and will be tried again. */
  readonly onInterruption: (reason: string) => void;
  /** See WatchOptions. */
  readonly watchTimeoutSeconds?: number;
}

const shortestPauseMilliseconds = 500;
const longestPauseMilliseconds = 10_000;
/** Something on the way ends watches at once: do not ask again at once. */
const shortestWatchMilliseconds = 500;

/** Follows the objects of a kind over every disconnection, until the signal is aborted. @throws KubeError when refused. */
export async function follow<T extends KubeObject>(options: FollowOptions<T>, signal: AbortSignal): Promise<void> {
  let version: string | undefined = options.resourceVersion;
  let pause = shortestPauseMilliseconds;
  while (!signal.aborted) {
    try {
      version ??= await relist(options, signal);
      const startedAt = performance.now();
      for await (const next of changes(options, version, signal)) {
        version = next;
        pause = shortestPauseMilliseconds;
      }
      if (performance.now() - startedAt < shortestWatchMilliseconds) await rest(pause, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (isExpired(error)) version = undefined;
      else if (!isPassing(error)) throw error;
      options.onInterruption(errorMessage(error));
      await rest(pause, signal);
      pause = Math.min(pause * 2, longestPauseMilliseconds);
    }
  }
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
}

async function* changes<T extends KubeObject>(
  options: FollowOptions<T>,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { client, resource, namespace, fieldSelector, labelSelector, onChange, watchTimeoutSeconds } = options;
  const watch = { namespace, fieldSelector, labelSelector, resourceVersion, timeoutSeconds: watchTimeoutSeconds };
  for await (const event of client.watch<T>(resource, watch, signal)) {
    if (event.type === 'ADDED' || event.type === 'MODIFIED') await onChange(event.object);
    yield event.type === 'BOOKMARK'
      ? event.resourceVersion
      : (event.object.metadata.resourceVersion ?? resourceVersion);
  }
}

/** Tells of every object there is, since nobody knows what was missed. */
async function relist<T extends KubeObject>(options: FollowOptions<T>, signal: AbortSignal): Promise<string> {
  const { client, resource, onChange, ...listing } = options;
  const { items, resourceVersion } = await listAll<T, T>(client, resource, {
    ...listing,
    keep: (object) => object,
    signal,
  });
  for (const object of items) await onChange(object);
  return resourceVersion;
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof KubeConnectionError ||
    (error instanceof KubeError && (error.status === 429 || error.status >= 500))
  );
}
