import { readFileSync } from 'node:fs';
import { errorCodes } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';

interface Section {
  readonly code: string;
  readonly meaning: string;
  readonly when: string;
  readonly remedy: string;
}

const document = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const sections = document.split(/^## /m).slice(1).map(parseSection);

function parseSection(text: string): Section {
  const [code = '', meaning = '', when = '', remedy = ''] = text.split('\n').filter((line) => line !== '');
  return { code, meaning, when, remedy };
}

describe('docs/errors.md', () => {
  it('has one heading per code of the table, in its order', () => {
    expect(sections.map(({ code }) => code)).toEqual(Object.keys(errorCodes));
  });

  it.each(sections)('says what $code means, when it comes and what to do, as the table says it', (section) => {
    expect(section.meaning).toMatch(/^[A-Z].*\.$/);
    expect(section.when).toMatch(/^When: .*\.$/);
    expect(section.remedy).toBe(`Remedy: ${(errorCodes as Record<string, string>)[section.code]}`);
  });
});
