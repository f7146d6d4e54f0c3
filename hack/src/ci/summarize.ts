/** A run of vitest. */
export interface Run {
  readonly name: string;
  /** What vitest's JSON reporter wrote. */
  readonly json: string;
}

export interface Summary {
  /** The last is `<number> passed, <number> failed`. */
  readonly lines: readonly string[];
  readonly success: boolean;
}

/** What is needed of a report. */
interface Report {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
}

/** Adds up runs. One without tests, or with skipped ones, did not show that things work, so it is no success. */
export function summarize(runs: readonly Run[]): Summary {
  const sum = { passed: 0, failed: 0 };
  const lines: string[] = [];
  const problems: string[] = runs.length === 0 ? ['No test ran.'] : [];
  for (const { name, json } of runs) {
    const report = JSON.parse(json) as Report;
    sum.passed += report.numPassedTests;
    sum.failed += report.numFailedTests;
    lines.push(`${name}: ${report.numPassedTests} of ${report.numTotalTests} tests passed`);
    problems.push(...problemsOf(report).map((problem) => `${name}: ${problem}`));
  }
  return {
    lines: [...lines, ...problems, `${sum.passed} passed, ${sum.failed} failed`],
    success: problems.length === 0,
  };
}

function problemsOf({ numTotalTests, numPassedTests, numFailedTests, success }: Report): string[] {
  if (numTotalTests === 0) return ['no test ran'];
  if (numFailedTests > 0) return [`${numFailedTests} tests failed`];
  if (!success) return ['the run failed outside of its tests'];
  return numPassedTests === numTotalTests ? [] : [`${numTotalTests - numPassedTests} tests were skipped`];
}
