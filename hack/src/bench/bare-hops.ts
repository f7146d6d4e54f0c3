import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LaneJob } from '@autoweave/crds';
import { closeRedis, type Redis } from '@autoweave/platform/redis';
import { newTraceparent } from '@autoweave/platform/telemetry';
import { Queue, QueueEvents } from 'bullmq';
import { swiftPlugin } from '../system/swift-plugin.ts';
import { monotonicMilliseconds } from './clock.ts';
import { fileHere } from './stage.ts';

/** The same length as a job of the product has in a lane. */
const padding = 'x'.repeat(900);

/** Two queues of bare BullMQ with a process of its own behind each: what the routed path is measured against. */
export class BareHops {
  readonly #processes: readonly ChildProcess[];
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #listening: Redis;
  readonly #ended = new Map<string, number>();
  #count = 0;

  private constructor(processes: readonly ChildProcess[], redis: Redis) {
    this.#processes = processes;
    this.#queue = new Queue('bench-hop-1', { connection: redis });
    this.#listening = redis.duplicate();
    this.#events = new QueueEvents('bench-hop-2', { connection: this.#listening });
    this.#events.on('completed', ({ jobId }) => this.#ended.set(jobId, monotonicMilliseconds()));
  }

  static async start(redis: Redis, redisUrl: string): Promise<BareHops> {
    const file = fileHere('hop-process.ts');
    const processes = [fork(file, [redisUrl, 'bench-hop-1', 'bench-hop-2']), fork(file, [redisUrl, 'bench-hop-2'])];
    await Promise.all(processes.map((each) => once(each, 'message')));
    const hops = new BareHops(processes, redis);
    await hops.#events.waitUntilReady();
    return hops;
  }

  get processIds(): readonly number[] {
    return this.#processes.map(({ pid = 0 }) => pid);
  }

  /** @returns their ids, once they are sent. */
  send(count: number): { readonly eventIds: readonly string[]; readonly acknowledged: Promise<unknown> } {
    const jobs = Array.from({ length: count }, () => bareJob(`job-${++this.#count}`));
    const added = this.#queue.addBulk(jobs.map((data) => ({ name: data.type, data, opts: { jobId: data.id } })));
    return { eventIds: jobs.map(({ id }) => id), acknowledged: added };
  }

  /** When a job came through both, by id; a job of an earlier call is told of no more. */
  async take(): Promise<ReadonlyMap<string, number>> {
    const ended = new Map(this.#ended);
    this.#ended.clear();
    return ended;
  }

  async stop(): Promise<void> {
    for (const each of this.#processes) each.kill('SIGKILL');
    await Promise.all([this.#queue.close(), this.#events.close()]);
    await closeRedis(this.#listening);
  }
}

function bareJob(id: string): Pick<LaneJob, 'id' | 'type' | 'plugin' | 'traceparent' | 'payload'> {
  return { id, type: 'plugin.job', plugin: swiftPlugin, traceparent: newTraceparent(), payload: padding };
}
