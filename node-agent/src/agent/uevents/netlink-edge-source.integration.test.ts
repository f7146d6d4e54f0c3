import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Heard } from './testing/netlink-scenarios.ts';

const file = fileURLToPath(new URL('./testing/netlink-scenarios.ts', import.meta.url));

/**
 * Runs a scenario in a network namespace of its own, so that nothing else on the machine hears of these devices. In a
 * user namespace the kernel grants no more buffer than `net.core.rmem_max`, so it is made only where one must.
 */
async function scenario(name: string): Promise<Heard> {
  const flags = process.getuid?.() === 0 ? '-n' : '-Urn';
  const command = [flags, process.execPath, file, name];
  const { stdout } = await promisify(execFile)('unshare', command, { maxBuffer: 64 * 1024 * 1024, timeout: 30_000 });
  return JSON.parse(stdout) as Heard;
}

describe('the edge source on netlink', () => {
  it('tells what the kernel tells of USB devices, and nothing else', async () => {
    const heard = await scenario('tells');
    expect(heard.edges).toEqual(['add 1-1 2', 'add 1-2 3', 'remove 1-1 2']);
    expect(heard).toMatchObject({ changed: ['1-1'], overflows: 0, failures: [] });
  });

  it('does not believe what another process sends', async () => {
    expect((await scenario('forged')).edges).toEqual(['add 1-2 3']);
  });

  it('loses nothing of a burst of 20,000', async () => {
    const heard = await scenario('burst');
    expect(heard.edges).toHaveLength(20_000);
    expect(heard.edges.slice(0, 3)).toEqual(['add 1-1 1', 'remove 1-1 2', 'add 1-1 3']);
    expect(heard.overflows).toBe(0);
    expect(heard.receiveBufferBytes).toBeGreaterThan(0);
  });

  it('says that it lost some of a burst that did not fit its buffer', async () => {
    const heard = await scenario('overflow');
    expect(heard.overflows).toBeGreaterThan(0);
  });

  it('listens again after it was stopped', async () => {
    expect((await scenario('restarts')).edges).toEqual(['add 1-2 3']);
  });

  it('stops within half a second', async () => {
    expect((await scenario('idle')).stopMilliseconds).toBeLessThan(500);
  });
});
