import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

/** The bytes, cut at any places. */
function chunks(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('a line splitter', () => {
  it('gives the same lines, wherever the stream is cut', () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => text !== '' && !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
        const splitter = new LineSplitter(1024 * 1024);
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        expect(chunks(bytes, cuts).flatMap((chunk) => splitter.push(chunk))).toEqual(lines);
      }),
    );
  });

  it('refuses exactly the lines over its limit, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(), { maxLength: 5 }), (length, cuts) => {
        const splitter = new LineSplitter(20);
        const push = (): string[] =>
          chunks(Buffer.from(`${'x'.repeat(length)}\n`), cuts).flatMap((part) => splitter.push(part));
        if (length > 20) expect(push).toThrow(RangeError);
        else expect(push()).toEqual(['x'.repeat(length)]);
      }),
    );
  });

  it('refuses a line that never ends before it fills the memory', () => {
    const splitter = new LineSplitter(1000);
    const endless = (): void => {
      for (let pushed = 0; pushed <= 2000; pushed += 100) splitter.push(Buffer.alloc(100, 'x'));
    };
    expect(endless).toThrow(RangeError);
  });

  it('leaves out empty lines', () => {
    expect(new LineSplitter(10).push(Buffer.from('\n\na\n\n'))).toEqual(['a']);
  });
});
