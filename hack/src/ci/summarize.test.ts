import { describe, expect, it } from 'vitest';
import { type Run, summarize } from './summarize.ts';

function run(name: string, counts: { passed?: number; failed?: number; skipped?: number; success?: boolean }): Run {
  const { passed = 0, failed = 0, skipped = 0, success = failed === 0 } = counts;
  const numTotalTests = passed + failed + skipped;
  const json = JSON.stringify({ numTotalTests, numPassedTests: passed, numFailedTests: failed, success });
  return { name, json };
}

describe('the summary of test runs', () => {
  it('is a success when every test of every run passed', () => {
    expect(summarize([run('e2e', { passed: 3 }), run('test', { passed: 4 })])).toEqual({
      lines: ['e2e: 3 of 3 tests passed', 'test: 4 of 4 tests passed', '7 passed, 0 failed'],
      success: true,
    });
  });

  it.each([
    ['a test failed', run('test', { passed: 3, failed: 1 }), 'test: 1 tests failed', '3 passed, 1 failed'],
    ['a test was skipped', run('test', { passed: 3, skipped: 2 }), 'test: 2 tests were skipped', '3 passed, 0 failed'],
    ['no test ran', run('test', {}), 'test: no test ran', '0 passed, 0 failed'],
    [
      'the run broke beside its tests',
      run('test', { passed: 1, success: false }),
      'test: the run failed outside of its tests',
      '1 passed, 0 failed',
    ],
  ])('is none when %s', (_what, failing, problem, last) => {
    const { lines, success } = summarize([failing]);
    expect(success).toBe(false);
    expect(lines).toContain(problem);
    expect(lines.at(-1)).toBe(last);
  });

  it('is none when there was no run', () => {
    expect(summarize([])).toEqual({ lines: ['No test ran.', '0 passed, 0 failed'], success: false });
  });
});
