import { describe, expect, it } from 'vitest';
import { executorConfig } from './config.ts';

describe('the configuration of an executor', () => {
  it('asks for somewhere to run plugins', () => {
    expect(() => executorConfig({}, [])).toThrow(/--runner-port .* or --runner-entry .* is required/);
  });

  it.each([
    [['--runner-entry=main.ts'], { runnerEntry: 'main.ts', runnerPort: undefined }],
    [['--runner-port=7788'], { runnerEntry: undefined, runnerPort: 7788, runnerHost: '0.0.0.0' }],
    [['--runner-port=0', '--runner-entry=main.ts'], { runnerEntry: 'main.ts', runnerPort: 0 }],
  ])('takes %s', (argv, expected) => {
    expect(executorConfig({}, argv)).toMatchObject(expected);
  });

  it('names a port that is none', () => {
    expect(() => executorConfig({ AW_RUNNER_PORT: 'x' }, [])).toThrow('--runner-port (AW_RUNNER_PORT) is "x"');
  });
});
