import type { ConnectionEnd } from './executor-connection.ts';

const firstMilliseconds = 100;
const longestMilliseconds = 5000;
/** A connection that ends sooner failed. */
const shortestLifeMilliseconds = 10_000;

export interface ReconnectOptions {
  readonly signal: AbortSignal;
  readonly lost: (end: ConnectionEnd, retryMilliseconds: number) => void;
}

/**
 * Dials whenever there is no connection, until it is aborted: soon, then ever later, and never at the same moment as
 * others that lost the same executor.
 *
 * @param dial resolves when its connection has ended
 */
export async function reconnect(dial: () => Promise<ConnectionEnd>, options: ReconnectOptions): Promise<void> {
  const { signal, lost } = options;
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const end = await ending(dial);
    if (signal.aborted) return;
    const lived = end.welcomed && performance.now() - startedAt >= shortestLifeMilliseconds;
    failures = lived ? 1 : failures + 1;
    const wait = retryMilliseconds(failures);
    lost(end, wait);
    await pause(wait, signal);
  }
}

/** @param failures in a row, from 1 */
export function retryMilliseconds(failures: number, random: () => number = Math.random): number {
  const doubled = firstMilliseconds * 2 ** Math.min(failures - 1, 10);
  return Math.ceil(Math.min(doubled, longestMilliseconds) * (0.5 + random() / 2));
}

async function ending(dial: () => Promise<ConnectionEnd>): Promise<ConnectionEnd> {
  try {
    return await dial();
  } catch (error) {
    return { welcomed: false, reason: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Shorter when it is aborted. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const over = (): void => resolve();
  const timer = setTimeout(over, milliseconds);
  signal.addEventListener('abort', over);
  await promise;
  signal.removeEventListener('abort', over);
  clearTimeout(timer);
}
