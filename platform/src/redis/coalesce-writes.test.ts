import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { coalesceWritesOf } from './coalesce-writes.ts';

/** What reached the socket, by system call. */
function socket(): { stream: Writable; calls: string[] } {
  const calls: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      calls.push(chunk);
      done();
    },
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  coalesceWritesOf(stream);
  return { stream, calls };
}

describe('a connection whose writes are coalesced', () => {
  it('sends what one turn asked in one call, in order', async () => {
    const { stream, calls } = socket();
    stream.write('a');
    await Promise.resolve();
    stream.write('b');
    await turn();
    stream.write('c');
    await turn();
    expect(calls).toEqual(['ab', 'c']);
  });

  it('keeps nothing back when it is closed', async () => {
    const { stream, calls } = socket();
    stream.write('a');
    stream.end('b');
    await turn();
    expect(calls.join('')).toBe('ab');
  });

  it('stays silent when it was destroyed before its turn ended', async () => {
    const { stream, calls } = socket();
    stream.on('error', () => undefined);
    stream.write('a');
    stream.destroy();
    await turn();
    expect(calls).toEqual([]);
  });
});
