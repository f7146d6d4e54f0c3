import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from './json-lines.ts';

async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const collected: string[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}

describe('lines of a watch', () => {
  it('stay whole however the bytes are divided into chunks', async () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => JSON.stringify(text));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        expect(await collect(readLines(chunksOf(bytes, cuts), 1_000_000))).toEqual(lines);
      }),
    );
  });

  it('leave out one that was cut off', async () => {
    expect(await collect(readLines(chunksOf(Buffer.from('{}\n{"a":'), [2]), 100))).toEqual(['{}']);
  });

  it('are refused when they never end', async () => {
    const endless = chunksOf(Buffer.alloc(1000, 'x'), [400, 800]);
    await expect(collect(readLines(endless, 500))).rejects.toMatchObject({ code: 'AW_KUBE_UNREACHABLE' });
  });
});
