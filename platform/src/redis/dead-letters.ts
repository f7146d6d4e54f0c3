import type { ErrorCode } from '@autoweave/crds';
import type { Redis } from 'ioredis';
import type { StreamEntry } from './stream-group.ts';

export interface DeadLetter {
  readonly stream: string;
  readonly group: string;
  readonly entry: StreamEntry;
  readonly code: ErrorCode;
  /** For a person: what is wrong with it. */
  readonly reason: string;
  readonly deliveries: number;
}

const maximumLetters = 10_000;
const maximumReasonLength = 1_024;

/** Fields: `stream`, `group`, `entryId`, `code`, `reason`, `deliveries`, `deadLetteredAt` (RFC 3339), `fields` (JSON). */
export async function addDeadLetter(redis: Redis, deadLetters: string, letter: DeadLetter): Promise<void> {
  const { stream, group, entry, code, reason, deliveries } = letter;
  const fields = {
    stream,
    group,
    entryId: entry.id,
    code,
    reason: reason.slice(0, maximumReasonLength),
    deliveries: String(deliveries),
    deadLetteredAt: new Date().toISOString(),
    fields: JSON.stringify(entry.fields),
  };
  await redis.xadd(deadLetters, 'MAXLEN', '~', maximumLetters, '*', ...Object.entries(fields).flat());
}
