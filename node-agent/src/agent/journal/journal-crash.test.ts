import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HotplugEvent } from '@autoweave/crds';
import { MetricsRegistry, createLogger } from '@autoweave/platform/telemetry';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JournalEntry } from './device-record.ts';
import { Journal } from './journal.ts';

const writer = fileURLToPath(new URL('testing/journal-writer.ts', import.meta.url));
const rounds = 12;

/** Runs a process that records as fast as it can, kills it, and gives the events that it said were recorded. */
async function recordUntilKilled(path: string, milliseconds: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const told: string[] = [];
  const lines = createInterface(child.stdout).on('line', (line) => told.push(line));
  const closed = once(lines, 'close');
  await Promise.race([once(lines, 'line'), closed]);
  await delay(milliseconds);
  child.kill('SIGKILL');
  await closed;
  return told;
}

/** What the events alone say: device names by port. */
function replay(events: readonly HotplugEvent[]): Map<string, string> {
  const ports = new Map<string, string>();
  for (const event of events) {
    if (event.action === 'attach') ports.set(event.sysfsName, event.deviceName);
    else ports.delete(event.sysfsName);
  }
  return ports;
}

function readJournal(path: string): { entries: JournalEntry[]; state: Map<string, string> } {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const journal = new Journal({ path, node: 'edge-1', logger, metrics: new MetricsRegistry() });
  journal.open();
  const entries = journal.entriesAfter(0, 10_000_000);
  const state = new Map(journal.lastState().map((device) => [device.sysfsName, device.name]));
  journal.close();
  return { entries, state };
}

describe('a journal whose process is killed at any moment', () => {
  it(
    'has every event that was told, without gaps, and the state that they add up to',
    { timeout: 120_000 },
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'journal-crash-'));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      const path = join(directory, 'journal.sqlite');
      const told: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        told.push(...(await recordUntilKilled(path, Math.random() * 100)));
        const { entries, state } = readJournal(path);
        expect(entries.map((entry) => entry.position)).toEqual(entries.map((_, index) => index + 1));
        expect(state).toEqual(replay(entries.map((entry) => entry.event)));
      }

      const events = readJournal(path).entries.map((entry) => entry.event);
      const recorded = new Set(events.map((event) => event.eventId));
      expect(told.filter((eventId) => !recorded.has(eventId))).toEqual([]);
      for (const epoch of new Set(events.map((event) => event.epoch))) {
        const sequences = events.filter((event) => event.epoch === epoch).map((event) => event.sequence);
        expect(sequences).toEqual(sequences.map((_, index) => index + 1));
      }
    },
  );
});
