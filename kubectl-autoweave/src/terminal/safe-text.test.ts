import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentText, streamedText } from './documents.ts';
import { lineText } from './safe-text.ts';

/** All that can do something to a terminal, besides the ends of our own lines. */
const harmful = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const nasty = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\u001b[2J',
      '\u009b31m',
      '\u202e',
      '\u2028',
      '\r\n',
      '\t',
      '\u0000',
      '\u007f',
      '\ud83d',
      '\ufeff',
      '\u{e0041}',
    ),
  ),
);
const text = nasty.map((parts) => parts.join(''));
const value = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(text, fc.array(text), fc.integer(), fc.boolean()),
);

describe('text of others', () => {
  it('never does anything to a terminal, on a line', () => {
    fc.assert(
      fc.property(text, (others) => {
        expect(lineText(others)).not.toMatch(/[\n\t]/);
        expect(lineText(others)).not.toMatch(harmful);
      }),
    );
  });

  it('never does anything to a terminal in JSON, and is all there', () => {
    fc.assert(
      fc.property(value, (others) => {
        const json = documentText(others, 'json');
        expect(json).not.toMatch(harmful);
        expect(JSON.parse(json)).toEqual(others);
        expect(streamedText(others, 'json').trimEnd()).not.toContain('\n');
      }),
    );
  });

  it('never does anything to a terminal in YAML, and is all there', () => {
    fc.assert(
      fc.property(value, (others) => {
        const yaml = documentText(others, 'yaml');
        expect(yaml).not.toMatch(harmful);
        expect(parse(yaml, { version: '1.1' })).toEqual(others);
      }),
    );
  });

  it('keeps letters of any script', () => {
    expect(lineText('Größe 雨 😀')).toBe('Größe 雨 😀');
  });
});
