import type { Redis } from 'ioredis';
import { errorMessage } from '../errors/index.ts';

export interface StreamEntry {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** An entry that was delivered and not acknowledged. */
export interface PendingEntry {
  readonly id: string;
  readonly consumer: string;
  readonly idleMilliseconds: number;
  readonly deliveries: number;
}

export interface GroupLag {
  /** Entries that no consumer was given; undefined when Redis cannot tell (after a deletion in the middle). */
  readonly lag: number | undefined;
  readonly pending: number;
}

export interface StreamGroupOptions {
  readonly redis: Redis;
  readonly stream: string;
  readonly group: string;
  readonly consumer: string;
}

/** The commands of one consumer of one group, with replies parsed. */
export class StreamGroup {
  readonly #redis: Redis;
  readonly #stream: string;
  readonly #group: string;
  readonly #consumer: string;

  constructor({ redis, stream, group, consumer }: StreamGroupOptions) {
    this.#redis = redis;
    this.#stream = stream;
    this.#group = group;
    this.#consumer = consumer;
  }

  /** From the first entry on, so that nothing written before the group existed is missed. */
  async create(): Promise<void> {
    try {
      await this.#redis.xgroup('CREATE', this.#stream, this.#group, '0', 'MKSTREAM');
    } catch (error) {
      if (!errorMessage(error).startsWith('BUSYGROUP')) throw error;
    }
  }

  /** Entries that no consumer was given yet; waits up to `blockMilliseconds` for the first. */
  async readNew(count: number, blockMilliseconds: number): Promise<readonly StreamEntry[]> {
    const reply: unknown = await this.#redis.xreadgroup(
      'GROUP',
      this.#group,
      this.#consumer,
      'COUNT',
      count,
      'BLOCK',
      blockMilliseconds,
      'STREAMS',
      this.#stream,
      '>',
    );
    const [stream] = (reply ?? []) as [name: string, entries: RawEntry[]][];
    return parseEntries(stream?.[1] ?? []);
  }

  /** Pending entries of this consumer after `afterId`, oldest first. */
  async ownPending(count: number, afterId: string | undefined): Promise<readonly PendingEntry[]> {
    const start = afterId === undefined ? '-' : `(${afterId}`;
    return parsePending(await this.#redis.xpending(this.#stream, this.#group, start, '+', count, this.#consumer));
  }

  /** Pending entries of any consumer that nobody touched for so long. */
  async idlePending(count: number, idleMilliseconds: number): Promise<readonly PendingEntry[]> {
    return parsePending(
      await this.#redis.xpending(this.#stream, this.#group, 'IDLE', idleMilliseconds, '-', '+', count),
    );
  }

  /** Makes entries this consumer's, unless somebody touched them within the idle time. Missing ones are gone or taken. */
  async claim(ids: readonly string[], idleMilliseconds: number): Promise<readonly StreamEntry[]> {
    if (ids.length === 0) return [];
    const reply: unknown = await this.#redis.xclaim(
      this.#stream,
      this.#group,
      this.#consumer,
      idleMilliseconds,
      ...ids,
    );
    return parseEntries(reply as RawEntry[]);
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    await this.#redis.xack(this.#stream, this.#group, ...ids);
  }

  /** Whether the stream still holds the entry: trimming takes pending entries, too. */
  async holds(id: string): Promise<boolean> {
    return (await this.#redis.xrange(this.#stream, id, id, 'COUNT', 1)).length > 0;
  }

  async lag(): Promise<GroupLag> {
    const groups = (await this.#redis.xinfo('GROUPS', this.#stream)) as unknown[][];
    const own = groups.map(fieldsOf).find(({ name }) => name === this.#group);
    return { lag: own?.['lag'] == null ? undefined : Number(own['lag']), pending: Number(own?.['pending'] ?? 0) };
  }
}

/** After FLUSHALL, or when the stream or the group was deleted under a waiting reader. */
export function isGroupMissing(error: unknown): boolean {
  return /^(?:NOGROUP |UNBLOCKED |ERR no such key)/.test(errorMessage(error));
}

type RawEntry = [id: string, fields: string[] | null];

function parseEntries(entries: readonly RawEntry[]): readonly StreamEntry[] {
  return entries.map(([id, fields]) => ({ id, fields: fieldsOf(fields ?? []) as Record<string, string> }));
}

function parsePending(reply: unknown): readonly PendingEntry[] {
  return (reply as [string, string, number, number][]).map(([id, consumer, idleMilliseconds, deliveries]) => ({
    id,
    consumer,
    idleMilliseconds,
    deliveries,
  }));
}

/** From `[name, value, …]`. No prototype: the names come from whoever wrote the entry. */
function fieldsOf(flat: readonly unknown[]): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (let index = 0; index + 1 < flat.length; index += 2) fields[String(flat[index])] = flat[index + 1];
  return fields;
}
