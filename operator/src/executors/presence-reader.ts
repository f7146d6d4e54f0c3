import { redisKeys } from '@autoweave/crds';
import { WaitError } from '@autoweave/platform/kube';
import type { Redis } from '@autoweave/platform/redis';
import type { Gauge, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { Executor, ExecutorPresence } from '../ports.ts';
import type { ExecutorState } from '../router/room-state.ts';
import { executorStates, listedExecutors, parseExecutor, sameStates, type PresenceReading } from './presence.ts';

export interface PresenceReaderOptions {
  readonly redis: Redis;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Called after each reading in which an executor came, went or was another. */
  readonly onChange: () => void;
}

const periodMilliseconds = 1_000;
/** Executors write their keys each second. */
const graceMilliseconds = 3_000;
/** Nodes come and go for years; one that was without an executor for so long is asked for no more until it has one. */
const forgetMilliseconds = 3_600_000;

/** KEYS set of nodes, presence key. ARGV node. Its executor, if one has just come, has put it on the set with its key. */
const forgetAbsent = `if redis.call('EXISTS', KEYS[2]) == 0 then return redis.call('SREM', KEYS[1], ARGV[1]) end return 0`;

/** Knows which executors live, by their presence keys. */
export class PresenceReader implements ExecutorPresence {
  readonly #options: PresenceReaderOptions;
  readonly #logger: Logger;
  readonly #present: Gauge;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  /** By node, `performance.now()`. */
  readonly #absentSince = new Map<string, number>();
  #executors: ReadonlyMap<string, Executor> | undefined;
  #states: ReadonlyMap<string, ExecutorState> = new Map();
  #connectedAt = 0;

  constructor(options: PresenceReaderOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ part: 'executors' });
    this.#present = options.metrics.gauge({ name: 'autoweave_executors_present', help: 'Executors that live.' });
  }

  start(): void {
    this.#connected();
    this.#options.redis.on('ready', this.#connected);
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    this.#options.redis.off('ready', this.#connected);
    await this.#round;
  }

  async list(): Promise<readonly Executor[]> {
    if (this.#executors === undefined) await this.#read();
    const listed = this.#executors ?? new Map<string, Executor>();
    const unknown = [...this.#states].filter(([node, { state }]) => state === 'unknown' && !listed.has(node));
    if (unknown.length > 0) throw new WaitError(periodMilliseconds, 'It is not known yet which executors live');
    return [...listed.values()];
  }

  /** By node; empty before the first reading. */
  states(): ReadonlyMap<string, ExecutorState> {
    return this.#states;
  }

  /** By node, as a reading that begins after this call finds them. */
  async readStates(): Promise<ReadonlyMap<string, ExecutorState>> {
    // One that runs already may have been answered before the call.
    await this.#reading?.catch(() => undefined);
    await this.#read();
    return this.#states;
  }

  readonly #connected = (): void => {
    this.#connectedAt = performance.now();
  };

  #schedule(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#round = this.#readAndForget();
    }, milliseconds);
  }

  async #readAndForget(): Promise<void> {
    try {
      if (this.#options.redis.status !== 'ready') return;
      await this.#read();
      await this.#forgetAbsent();
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#logger.warn({ err: error }, 'Failed to read which executors live');
    } finally {
      if (!this.#stopping.signal.aborted) this.#schedule(periodMilliseconds);
    }
  }

  /** One at a time, so that an older reading never follows a newer one. */
  #read(): Promise<void> {
    this.#reading ??= readPresence(this.#options.redis)
      .then((reading) => this.#take(reading))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #forgetAbsent(): Promise<void> {
    const now = performance.now();
    for (const node of this.#absentSince.keys()) {
      if (this.#states.get(node)?.state !== 'absent') this.#absentSince.delete(node);
    }
    for (const [node, { state }] of this.#states) {
      if (state !== 'absent') continue;
      const since = this.#absentSince.get(node) ?? now;
      this.#absentSince.set(node, since);
      if (now - since < forgetMilliseconds) continue;
      await this.#options.redis.eval(forgetAbsent, 2, redisKeys.executors, redisKeys.executor(node), node);
    }
  }

  #take(reading: PresenceReading): void {
    const isGraceOver = performance.now() - this.#connectedAt > graceMilliseconds;
    const isFirst = this.#executors === undefined;
    const before = this.#executors ?? new Map<string, Executor>();
    // A Redis that came back without its data has lost the set of nodes, too.
    const known = isGraceOver
      ? reading
      : new Map([...[...before.keys()].map((node) => [node, undefined] as const), ...reading]);
    const states = executorStates(known, isGraceOver);
    this.#executors = listedExecutors(known, states, before);
    this.#present.set([...states.values()].filter(({ state }) => state === 'present').length);
    if (!isFirst && sameStates(this.#states, states)) return;
    this.#logger.info({ executors: Object.fromEntries(states) }, 'Executors changed');
    this.#states = states;
    this.#options.onChange();
  }
}

async function readPresence(redis: Redis): Promise<PresenceReading> {
  const nodes = await redis.smembers(redisKeys.executors);
  if (nodes.length === 0) return new Map();
  const texts = await redis.mget(nodes.map(redisKeys.executor));
  return new Map(
    nodes.map((node, index) => {
      const text = texts[index];
      return [node, text == null ? undefined : parseExecutor(text)];
    }),
  );
}
