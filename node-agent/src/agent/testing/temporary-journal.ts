import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { onTestFinished } from 'vitest';
import type { JournalLimits } from '../journal/journal-store.ts';
import { Journal } from '../journal/journal.ts';

/** A directory for one test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'autoweave-agent-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** An open journal for one test. */
export function temporaryJournal(node: string, limits: Partial<JournalLimits> = {}): Journal {
  const path = join(temporaryDirectory(), 'journal.sqlite');
  const logger = createLogger({ name: 'test', level: 'silent' });
  const journal = new Journal({ path, node, logger, metrics: new MetricsRegistry(), limits });
  journal.open();
  onTestFinished(() => journal.close());
  return journal;
}
