import { once } from 'node:events';
import { connect } from 'node:net';

/** A program of the cluster, which runs in the sandbox. */
export interface ClusterServer {
  readonly name: string;
  readonly command: readonly string[];
  /** Asked until it says yes, when another server needs this one; a rejection counts as no. */
  readonly isReady?: (signal: AbortSignal) => Promise<boolean>;
}

/** Whether a URL answers 200, as seen from this machine. */
export async function answersOk(url: string, signal: AbortSignal): Promise<boolean> {
  return (await fetch(url, { signal })).ok;
}

/** Whether a server listens on a Unix socket. */
export async function acceptsConnections(path: string, signal: AbortSignal): Promise<boolean> {
  const socket = connect({ path, signal });
  try {
    await once(socket, 'connect', { signal });
    return true;
  } finally {
    socket.destroy();
  }
}
