import { mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsRegistry, createLogger } from '@autoweave/platform/telemetry';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HotplugEvent } from '@autoweave/crds';
import { sampleDevice, sampleTransition } from '../testing/sample-transition.ts';
import { Journal } from './journal.ts';
import type { JournalLimits } from './journal-store.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(directory, 'journal.sqlite');
});
afterEach(() => rmSync(directory, { recursive: true }));

const keyboard = sampleDevice();
const mouse = sampleDevice({ serialNumber: 'M1', sysfsName: '1-2' });

function openJournal(limits: Partial<JournalLimits> = {}, metrics = new MetricsRegistry()): Journal {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const journal = new Journal({ path, node: 'edge-1', logger, metrics, limits });
  journal.open();
  onTestFinished(() => journal.close());
  return journal;
}

function reopen(journal: Journal): Journal {
  journal.close();
  return openJournal();
}

function flap(journal: Journal, times: number, device = keyboard): HotplugEvent[] {
  const transitions = Array.from({ length: times }, (_, index) =>
    sampleTransition(index % 2 ? 'detach' : 'attach', device),
  );
  return transitions.map((transition) => journal.record(transition));
}

function eventsOf(journal: Journal): HotplugEvent[] {
  return journal.entriesAfter(0, 1_000_000).map((entry) => entry.event);
}

describe('a journal', () => {
  it('numbers events from 1 without gaps', () => {
    const journal = openJournal();
    expect(flap(journal, 3).map((event) => event.eventId)).toEqual(
      [1, 2, 3].map((sequence) => `edge-1/${journal.epoch}/${sequence}`),
    );
  });

  it('gives back what was recorded, in order and in portions', () => {
    const journal = openJournal();
    const recorded = flap(journal, 5);
    expect(eventsOf(journal)).toEqual(recorded);
    expect(journal.entriesAfter(1, 2).map((entry) => entry.event)).toEqual(recorded.slice(1, 3));
  });

  it('tells its listeners after the event is on disk', () => {
    const journal = openJournal();
    const heard: [readonly string[], number][] = [];
    journal.subscribe((names) => heard.push([names, eventsOf(journal).length]));
    flap(journal, 2);
    expect(heard).toEqual([
      [[keyboard.name], 1],
      [[keyboard.name], 2],
    ]);
  });

  it('remembers events, devices and distrusted serial numbers when it is opened again', () => {
    const first = openJournal();
    const recorded = [
      first.record(sampleTransition('attach', keyboard)),
      first.record(sampleTransition('attach', mouse)),
    ];
    first.distrustedSerials.add('046d:c31c:K1');
    const second = reopen(first);
    expect(eventsOf(second)).toEqual(recorded);
    expect(second.lastState()).toEqual([keyboard, mouse]);
    expect(second.distrustedSerials.has('046d:c31c:K1')).toBe(true);
  });

  it('begins an epoch with each opening and keeps the events of the last one', () => {
    const first = openJournal();
    const [early] = flap(first, 1);
    const second = reopen(first);
    const [late] = flap(second, 1, mouse);
    expect(second.epoch).not.toBe(first.epoch);
    expect(late?.sequence).toBe(1);
    expect(eventsOf(second)).toEqual([early, late]);
    expect(second.locate(first.epoch, 1)).toBe(1);
    expect(second.locate(second.epoch, 1)).toBe(2);
    expect(second.locate('ffffffffffff', 1)).toBeUndefined();
  });

  it('knows the epoch of an event that came long after the opening', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const first = openJournal();
    vi.advanceTimersByTime(60_000);
    flap(first, 1);
    expect(reopen(first).locate(first.epoch, 1)).toBe(1);
  });

  it('remembers what the stream has', () => {
    const first = openJournal();
    flap(first, 4);
    first.acknowledge(3);
    expect(reopen(first).acknowledged).toBe(3);
  });

  it('keeps a tail of what the stream has, and no more', () => {
    const journal = openJournal({ tail: 100 });
    for (let round = 0; round < 1200; round += 1) {
      flap(journal, 1);
      journal.acknowledge(journal.lastPosition);
    }
    expect(journal.firstPosition).toBe(1001);
    expect(eventsOf(journal)).toHaveLength(200);
  });

  it('drops superseded events beyond its limit, counts them, and keeps the last of each device', () => {
    const metrics = new MetricsRegistry();
    const journal = openJournal({ backlog: 100 }, metrics);
    journal.record(sampleTransition('attach', mouse));
    flap(journal, 301);
    const kept = eventsOf(journal);
    expect(kept.length).toBeLessThanOrEqual(110);
    expect(kept[0]?.deviceName).toBe(mouse.name);
    expect(kept.at(-1)?.sequence).toBe(302);
    expect(metrics.render()).toContain(
      `autoweave_journal_lost_events_total{reason="backlog_full"} ${302 - kept.length}`,
    );
  });

  it('leaves its file alone after it was closed', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const journal = openJournal();
    flap(journal, 1);
    journal.close();
    journal.refresh(keyboard);
    vi.advanceTimersByTime(60_000);
    expect(readdirSync(directory)).toEqual(['journal.sqlite']);
  });

  it('refuses a file that another journal has open', () => {
    openJournal();
    expect(() => openJournal()).toThrow(expect.objectContaining({ code: 'AW_JOURNAL_LOCKED' }));
  });
});

describe('a journal whose disk refuses', () => {
  it('keeps events in memory under the same numbers and writes them when the disk returns', async () => {
    writeFileSync(join(directory, 'blocked'), 'a file where the directory should be');
    path = join(directory, 'blocked', 'journal.sqlite');
    const journal = openJournal();
    const recorded = flap(journal, 3);
    expect(journal.problem?.code).toBe('AW_JOURNAL_UNWRITABLE');
    expect(eventsOf(journal)).toEqual(recorded);
    rmSync(join(directory, 'blocked'));
    await vi.waitFor(() => expect(journal.problem).toBeUndefined(), 10_000);
    const later = flap(journal, 1, mouse);
    expect(eventsOf(reopen(journal))).toEqual([...recorded, ...later]);
  });

  it('continues in memory when the disk fills up, and on disk when there is room again', async () => {
    const journal = openJournal({ fileBytes: 1024 * 1024, tail: 0 });
    const recorded: HotplugEvent[] = [];
    while (journal.problem === undefined) recorded.push(...flap(journal, 1));
    recorded.push(...flap(journal, 20, mouse));
    expect(journal.problem.code).toBe('AW_JOURNAL_UNWRITABLE');
    expect(eventsOf(journal)).toEqual(recorded);
    journal.acknowledge(journal.lastPosition - 5);
    await vi.waitFor(() => expect(journal.problem).toBeUndefined(), 10_000);
    expect(eventsOf(reopen(journal)).slice(-5)).toEqual(recorded.slice(-5));
  });

  it('does not eat the memory of the node', () => {
    writeFileSync(join(directory, 'blocked'), '');
    path = join(directory, 'blocked', 'journal.sqlite');
    const journal = openJournal({ memory: 100 });
    journal.record(sampleTransition('attach', mouse));
    flap(journal, 1001);
    expect(eventsOf(journal).length).toBeLessThanOrEqual(100);
    expect(eventsOf(journal)[0]?.deviceName).toBe(mouse.name);
    expect(journal.lastState()).toEqual([mouse, keyboard]);
  });
});

describe('a journal whose file is damaged', () => {
  it('sets a file aside that is none, and starts a new one', () => {
    writeFileSync(path, 'no database at all'.repeat(1000));
    const journal = openJournal();
    const recorded = flap(journal, 2);
    expect(eventsOf(journal)).toEqual(recorded);
    expect(readdirSync(directory)).toContain('journal.sqlite.set-aside');
  });

  it('sets a file aside that was cut off', () => {
    const first = openJournal();
    flap(first, 500);
    first.close();
    truncateSync(path, 40_000);
    const second = openJournal();
    expect(eventsOf(second)).toEqual([]);
    expect(readdirSync(directory)).toContain('journal.sqlite.set-aside');
  });

  it('does not mix the state of an earlier file into this run when it turns up late', async () => {
    const volume = join(directory, 'volume');
    path = join(volume, 'journal.sqlite');
    const earlier = openJournal();
    flap(earlier, 1, mouse);
    earlier.close();
    renameSync(volume, join(directory, 'unmounted'));
    writeFileSync(volume, '');

    const journal = openJournal();
    const recorded = flap(journal, 1);
    rmSync(volume);
    renameSync(join(directory, 'unmounted'), volume);
    await vi.waitFor(() => expect(journal.problem).toBeUndefined(), 10_000);
    expect(eventsOf(journal)).toEqual(recorded);
    expect(journal.lastState()).toEqual([keyboard]);
    expect(readdirSync(volume)).toContain('journal.sqlite.set-aside');
  });
});
