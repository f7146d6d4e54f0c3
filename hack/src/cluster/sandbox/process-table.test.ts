import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { childrenOf, identifyProcess, isRunning } from './process-table.ts';

describe.runIf(process.platform === 'linux')('the table of processes', () => {
  it('knows a process while it runs', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const identity = await identifyProcess(child.pid ?? 0);
    expect(await childrenOf(process.pid)).toContain(identity?.id);
    expect(identity !== undefined && (await isRunning(identity))).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(identity !== undefined && (await isRunning(identity))).toBe(false);
  });

  it('does not take a process for an earlier one of the same id', async () => {
    const identity = await identifyProcess(process.pid);
    expect(identity !== undefined && (await isRunning({ ...identity, startedAt: identity.startedAt - 1 }))).toBe(false);
  });
});
