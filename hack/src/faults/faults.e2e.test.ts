import { describe, expect, it } from 'vitest';
import { faultTimeoutMilliseconds, runFaultProcess } from './fault-process.ts';

describe('processes killed by SIGKILL while devices come and go', { timeout: faultTimeoutMilliseconds }, () => {
  it('agree again within 20 s, with nothing lost and nothing applied twice', async () => {
    const report = await runFaultProcess('--rounds', '2');
    expect(report, JSON.stringify(report)).toMatchObject({ problems: [] });
    expect(report.agreedAfterMilliseconds, JSON.stringify(report)).toBeLessThan(20_000);
    expect(report.transitions).toBeGreaterThan(200);
  });

  it('leave every transition in the stream, in order, as long as the agent lives', async () => {
    const report = await runFaultProcess('--rounds', '1', '--victims', 'executor,operator,redis,kube-apiserver');
    expect(report, JSON.stringify(report)).toMatchObject({ problems: [] });
    expect(report.events).toBe(report.transitions);
  });
});
