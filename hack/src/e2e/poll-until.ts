import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions<T> {
  /** What is waited for, for the message of the error. */
  readonly what: string;
  readonly look: () => Promise<T>;
  readonly isRight: (found: T) => boolean;
  readonly timeoutMilliseconds: number;
}

const intervalMilliseconds = 200;

/** Looks until what it sees is right, also outside of a test. @throws Error that tells what it saw last. */
export async function pollUntil<T>({ what, look, isRight, timeoutMilliseconds }: PollOptions<T>): Promise<T> {
  const deadline = performance.now() + timeoutMilliseconds;
  for (;;) {
    const found = await look();
    if (isRight(found)) return found;
    if (performance.now() > deadline) {
      throw new Error(`${what}: not within ${timeoutMilliseconds / 1_000} s. ${JSON.stringify(found, undefined, 2)}`);
    }
    await delay(intervalMilliseconds);
  }
}
