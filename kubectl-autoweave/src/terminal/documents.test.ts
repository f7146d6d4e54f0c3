import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentText, writeList, type DocumentFormat } from './documents.ts';
import { Output } from './output.ts';

async function written(format: DocumentFormat, items: readonly unknown[], rest = {}): Promise<string> {
  let text = '';
  const stdout = new PassThrough().on('data', (chunk: Buffer) => (text += chunk.toString()));
  const output = new Output({ stdout, stderr: stdout, colours: false, onBroken: () => undefined });
  await writeList(output, format, { key: 'nodes', items, rest });
  return text;
}

describe('a list that is written item by item', () => {
  const item = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,6}$/),
    fc.oneof(fc.string(), fc.array(fc.string()), fc.constant('line\n  two\n\n'), fc.constant({ deep: [{ er: '' }] })),
  );

  it('is what JSON and YAML of the whole would be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(item), async (items) => {
        expect(JSON.parse(await written('json', items, { more: ['x'] }))).toEqual({ nodes: items, more: ['x'] });
        expect(parse(await written('yaml', items, { more: ['x'] }), { version: '1.1' })).toEqual({
          nodes: items,
          more: ['x'],
        });
      }),
      { numRuns: 50 },
    );
  });

  it('is indented as people expect it', async () => {
    expect(await written('json', [{ a: 1 }, { b: [] }])).toBe(
      '{\n  "nodes": [\n    {\n      "a": 1\n    },\n    {\n      "b": []\n    }\n  ]\n}\n',
    );
    expect(await written('yaml', [{ a: 1, c: { d: 2 } }, { b: [] }])).toBe(
      'nodes:\n  - a: 1\n    c:\n      d: 2\n  - b: []\n',
    );
    expect(await written('json', [])).toBe('{\n  "nodes": []\n}\n');
    expect(await written('yaml', [])).toBe('nodes: []\n');
  });
});

describe('YAML', () => {
  it('quotes what older parsers would take for something else', () => {
    const value = { time: '2026-01-02T03:04:05Z', vendor: '0781', switch: 'on', id: '12:30' };
    expect(documentText(value, 'yaml')).toBe(
      'time: "2026-01-02T03:04:05Z"\nvendor: "0781"\nswitch: "on"\nid: "12:30"\n',
    );
  });
});
