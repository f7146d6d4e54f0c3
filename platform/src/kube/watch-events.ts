import type { IncomingMessage } from 'node:http';
import { errorMessage } from '../errors/index.ts';
import { readLines } from './json-lines.ts';
import { KubeConnectionError, KubeError, kubeErrorFromStatus } from './kube-error.ts';
import type { KubeObject, WatchEvent } from './kube-object.ts';

/** etcd refuses requests of 1.5 MiB; the JSON of one object cannot come near this. */
const maximumLineBytes = 16 * 1024 * 1024;

/**
 * The events of an open watch, until the server ends it or `signal` is aborted.
 *
 * @throws KubeError for an event of type ERROR (410: the resource version is too old).
 * @throws KubeConnectionError when the connection breaks, or is silent for `stallMilliseconds`.
 */
export async function* watchEvents<T extends KubeObject>(
  response: IncomingMessage,
  options: { stallMilliseconds: number; signal: AbortSignal },
): AsyncGenerator<WatchEvent<T>> {
  const { stallMilliseconds, signal } = options;
  const end = () => response.destroy();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    for await (const line of readLines(guarded(response, stallMilliseconds), maximumLineBytes)) {
      if (signal.aborted) return;
      yield parseEvent<T>(line);
    }
  } catch (error) {
    if (!signal.aborted) throw translate(error);
  } finally {
    signal.removeEventListener('abort', end);
    response.destroy();
  }
}

function translate(error: unknown): Error {
  if (error instanceof KubeError || error instanceof KubeConnectionError) return error;
  return new KubeConnectionError(`The watch broke: ${errorMessage(error)}`, { cause: error });
}

/** A connection that a router on the way forgot stays open for ever without a byte. */
async function* guarded(response: IncomingMessage, stallMilliseconds: number): AsyncGenerator<Buffer> {
  const watchdog = setTimeout(() => {
    response.destroy(new KubeConnectionError(`The watch was silent for ${stallMilliseconds} ms`));
  }, stallMilliseconds);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      watchdog.refresh();
      yield chunk;
    }
  } finally {
    clearTimeout(watchdog);
  }
}

function parseEvent<T extends KubeObject>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as { type: string; object: T };
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event.type, object: event.object };
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: event.object.metadata.resourceVersion ?? '' };
    case 'ERROR':
      throw kubeErrorFromStatus(event.object, { status: 500 });
    default:
      throw new KubeConnectionError(`The watch sent an event of unknown type ${event.type}`);
  }
}
