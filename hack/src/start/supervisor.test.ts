import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AutoWeaveError } from '@autoweave/platform/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Supervisor, type Part } from './supervisor.ts';

let directory: string;
let lines: string[];
let givenUp: AutoWeaveError[];
let supervisor: Supervisor;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'autoweave-supervisor-'));
  lines = [];
  givenUp = [];
});

afterEach(async () => {
  supervisor.stop();
  await supervisor.stopped();
  await rm(directory, { recursive: true });
});

function supervise(...parts: Part[]): void {
  supervisor = new Supervisor({
    parts,
    tell: (text) => lines.push(text),
    onGiveUp: (error) => givenUp.push(error),
    intervalMilliseconds: 1,
  });
  supervisor.start();
}

/** Dies as often as it is told to. */
async function makePart(name: string, log: string, deaths = 0): Promise<Part & { die(): void; restarts(): number }> {
  const logFile = join(directory, `${name}.log`);
  await writeFile(logFile, log);
  let alive = true;
  let restarts = 0;
  return {
    name,
    logFile,
    isAlive: async () => alive,
    restart: async () => {
      restarts += 1;
      if (restarts <= deaths) throw new Error('no memory\nat some place');
      alive = true;
    },
    die: () => {
      alive = false;
    },
    restarts: () => restarts,
  };
}

describe('a supervisor', () => {
  it('shows the end of the log of what ended, and starts it again', async () => {
    const log = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('');
    const agent = await makePart('agent', log);
    const other = await makePart('operator', '');
    supervise(agent, other);
    agent.die();
    await expect.poll(() => agent.restarts()).toBe(1);
    expect(lines[0]).toBe(`agent ended; the end of ${agent.logFile}:`);
    expect(lines.slice(1, -1)).toEqual(Array.from({ length: 12 }, (_, index) => `  | line ${88 + index}`));
    expect(lines.at(-1)).toBe('agent is started again');
    expect(other.restarts()).toBe(0);
  });

  it('tries again when a part does not start', async () => {
    const agent = await makePart('agent', '', 2);
    supervise(agent);
    agent.die();
    await expect.poll(() => agent.restarts()).toBe(3);
    expect(lines).toContain('agent did not start: no memory');
    expect(givenUp).toEqual([]);
  });

  it('gives up on what ends again and again', async () => {
    const agent = await makePart('agent', 'out of memory\n', 99);
    supervise(agent);
    agent.die();
    await expect.poll(() => givenUp).toHaveLength(1);
    expect(givenUp[0]).toMatchObject({ code: 'AW_LOCAL_SERVER_FAILED', message: expect.stringContaining('6 times') });
    expect(agent.restarts()).toBe(5);
  });

  it('starts nothing again once it is stopped', async () => {
    const agent = await makePart('agent', '');
    supervise(agent);
    supervisor.stop();
    agent.die();
    await supervisor.stopped();
    expect(agent.restarts()).toBe(0);
    expect(lines).toEqual([]);
  });
});
