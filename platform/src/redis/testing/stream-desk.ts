import { randomUUID } from 'node:crypto';
import { startRedisServer, type RedisServer } from '@autoweave/hack/testing';
import { createLogger, MetricsRegistry } from '../../telemetry/index.ts';
import {
  closeRedis,
  createRedis,
  StreamGroupConsumer,
  type Redis,
  type StreamEntry,
  type StreamGroupConsumerOptions,
} from '../index.ts';

type Given = Partial<StreamGroupConsumerOptions> & Pick<StreamGroupConsumerOptions, 'handle'>;

const logger = createLogger({ name: 'test', level: 'silent' });

/** For tests: a Redis of its own, and per test a stream with its consumers. Entries have one field, `number`. */
export class StreamDesk {
  readonly server: RedisServer;
  readonly redis: Redis;
  readonly group = 'test-group';
  stream = '';
  metrics = new MetricsRegistry();
  readonly #consumers: { readonly consumer: StreamGroupConsumer; readonly connection: Redis }[] = [];

  static async open(): Promise<StreamDesk> {
    return new StreamDesk(await startRedisServer());
  }

  private constructor(server: RedisServer) {
    this.server = server;
    this.redis = this.connect();
  }

  /** Labels of its metrics. */
  get series(): string {
    return `{stream="${this.stream}",group="${this.group}"}`;
  }

  /** Before each test. */
  begin(): void {
    this.stream = `stream-${randomUUID()}`;
    this.metrics = new MetricsRegistry();
  }

  /** After each test. */
  async end(): Promise<void> {
    for (const { consumer, connection } of this.#consumers.splice(0)) {
      await consumer.stop();
      await closeRedis(connection);
    }
  }

  async close(): Promise<void> {
    await closeRedis(this.redis);
    await this.server.stop();
  }

  connect(url = this.server.url): Redis {
    return createRedis({ url, name: 'stream-desk', logger, blocking: true });
  }

  /** Stopped, and its connection closed, at the end of the test. */
  consume(given: Given): StreamGroupConsumer {
    const connection = given.redis ?? this.connect();
    const consumer = this.makeConsumer({ ...given, redis: connection });
    this.#consumers.push({ consumer, connection });
    consumer.start();
    return consumer;
  }

  makeConsumer(given: Given & Pick<StreamGroupConsumerOptions, 'redis'>): StreamGroupConsumer {
    return new StreamGroupConsumer({
      stream: this.stream,
      group: this.group,
      consumer: 'consumer-1',
      deadLetters: `${this.stream}:dlq`,
      retry: { firstMilliseconds: 20, longestMilliseconds: 100 },
      logger,
      metrics: this.metrics,
      ...given,
    });
  }

  async add(...entries: number[]): Promise<void> {
    for (const number of entries) await this.redis.xadd(this.stream, '*', 'number', number);
  }

  async pendingCount(): Promise<number> {
    const [count] = (await this.redis.xpending(this.stream, this.group)) as [number];
    return count;
  }

  async deadLetters(): Promise<Record<string, string>[]> {
    const entries = await this.redis.xrange(`${this.stream}:dlq`, '-', '+');
    return entries.map(([, flat]) =>
      Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []))),
    );
  }
}

export interface Recorder {
  readonly attempts: readonly string[];
  readonly handled: readonly string[];
  readonly handle: (entry: StreamEntry) => Promise<void>;
}

/** A handler that remembers what it was given. `fail` gives the error to throw at the n-th attempt at an entry. */
export function recorder(
  fail: (number: string, times: number) => Error | undefined | Promise<undefined> = () => undefined,
): Recorder {
  const attempts: string[] = [];
  const handled: string[] = [];
  const handle = async ({ fields }: StreamEntry): Promise<void> => {
    const number = fields['number'] ?? 'none';
    attempts.push(number);
    const failure = await fail(number, attempts.filter((attempt) => attempt === number).length);
    if (failure !== undefined) throw failure;
    handled.push(number);
  };
  return { attempts, handled, handle };
}

/** `1` to `count`. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

export const patience = { timeout: 20_000, interval: 20 };
