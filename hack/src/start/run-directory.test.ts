import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeRunDirectory } from './run-directory.ts';

async function emptyDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'autoweave-runs-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

describe('the directory of a run', () => {
  it('is named after time and process, and has room for state and logs', async () => {
    const runs = join(await emptyDirectory(), 'not/yet/there');
    const run = await makeRunDirectory(runs, new Date('2026-11-21T03:04:05.678Z'));
    expect(run.path).toBe(join(runs, `20261121T030405Z-${process.pid}`));
    expect(run.logFile('agent')).toBe(join(run.path, 'agent.log'));
    expect(await readdir(run.path)).toEqual(['state']);
  });

  it('takes the place of the oldest, but of none that still runs', async () => {
    const runs = await emptyDirectory();
    const running = `20200101T000000Z-${process.pid}`;
    // No process has an id that large.
    const ended = Array.from({ length: 14 }, (_, day) => `202101${10 + day}T000000Z-999999999`);
    for (const name of [running, ...ended, 'something-else']) await mkdir(join(runs, name));
    await makeRunDirectory(runs);
    const left = await readdir(runs);
    expect(left).toContain(running);
    expect(left).toContain('something-else');
    expect(left).not.toContain(ended[0]);
    expect(left.filter((name) => name.endsWith('-999999999'))).toEqual(ended.slice(-9));
  });
});
