import type { Writable } from 'node:stream';
import type { Redis } from 'ioredis';

/**
 * Sends together what is asked in one turn of the event loop: a write to the socket for each command is what a busy
 * process spends most of its time with. Unlike auto-pipelining it changes neither the order of commands nor how they fail.
 */
export function coalesceWrites(redis: Redis): void {
  // Each connection has a socket of its own.
  redis.on('connect', () => coalesceWritesOf(redis.stream));
}

export function coalesceWritesOf(stream: Writable): void {
  const write = stream.write.bind(stream);
  let isCorked = false;
  const uncork = (): void => {
    isCorked = false;
    stream.uncork();
  };
  stream.write = (...parameters: unknown[]): boolean => {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      // After all that is settled already: who waits for several replies of one packet asks again in the same turn.
      process.nextTick(uncork);
    }
    return Reflect.apply(write, stream, parameters);
  };
}
