import { describe, expect, it } from 'vitest';
import { printableText } from './printable-text.ts';

describe('text of others', () => {
  it('is left as it is when it is harmless', () => {
    expect(printableText('Größe 😀\n\tat index.js:1')).toBe('Größe 😀\n\tat index.js:1');
  });

  it.each(['\0', '\r', '\u001b', '\u009b', '\u202e', '\u2028', '\ud83d', '\ufeff'])('loses %j', (bad) => {
    expect(printableText(`a${bad}b`)).toBe('a\ufffdb');
  });
});
