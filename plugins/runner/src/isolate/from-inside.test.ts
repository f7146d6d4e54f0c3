import { parseRunnerMessage } from '@autoweave/crds/validators';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areArguments, failureFrom, fieldsFrom, textFrom } from './from-inside.ts';

const plugin = { namespace: 'ns', name: 'p' };

function isAllowed(message: object): boolean {
  return parseRunnerMessage(JSON.stringify(message)).ok;
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

describe('what an isolate tells', () => {
  it('never breaks the protocol as fields of a log message', () => {
    const json = fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc.nat(200).map((count) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, n])))),
      fc.nat(5000).map((levels) => `{"a":${nested(levels + 1)}}`),
    );
    fc.assert(
      fc.property(json, (text) => {
        expect(isAllowed({ type: 'log', plugin, level: 'info', message: 'm', fields: fieldsFrom(text) })).toBe(true);
      }),
    );
  });

  it('is no request unless it is a short list', () => {
    expect(['[]', '["a",{"b":1}]'].map(areArguments)).toEqual([true, true]);
    expect(['5', '"a"', '{"length":1}', '[1,2,3,4,5]', nested(5000)].some(areArguments)).toBe(false);
  });

  it('fails a hook with no other codes than a hook has', () => {
    for (const code of ['AW_BUNDLE_MISSING', 'AW_RUNNER_UNAVAILABLE', 'nonsense', '']) {
      expect(failureFrom(code, 'm')).toEqual({ code: 'AW_PLUGIN_THREW', message: 'm' });
    }
    expect(failureFrom('AW_STORE_FULL', 'm').code).toBe('AW_STORE_FULL');
  });

  it('is no longer than a message may be', () => {
    expect(textFrom('x'.repeat(1e6))).toHaveLength(4096);
  });
});
