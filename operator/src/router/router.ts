import { queues, type JobResult } from '@autoweave/crds';
import { WorkQueue } from '@autoweave/platform/kube';
import type { Counter, Gauge, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { reconcileRoom, refreshLane, type RouterPorts } from './reconcile-room.ts';
import { roomOf } from './room-name.ts';

export interface RouterOptions extends RouterPorts {
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Whether Redis answers and this process leads. Rooms wait meanwhile, rather than fail one by one. */
  readonly mayAct: () => boolean;
  /** Every room is looked at again after this time, whatever was or was not heard. Default 5,000. */
  readonly sweepMilliseconds?: number;
}

const concurrency = 16;
/** A result is recorded a moment before its copy leaves the lane. */
const handedBackMilliseconds = 100;
/** After something other than a release was done in a room. */
const nextLookMilliseconds = 10;
const pauseMilliseconds = 500;

/**
 * Moves jobs from their waiting rooms into the lanes of the executors. Runs in the leader only. It is woken by what may
 * change a decision, and a slow sweep makes up for whatever was not heard. One room is never worked on twice at once.
 */
export class Router {
  readonly #options: RouterOptions;
  readonly #logger: Logger;
  readonly #queue: WorkQueue;
  readonly #rooms: Gauge;
  readonly #actions: Counter<'action'>;
  /** Rooms that held jobs when last seen. */
  readonly #occupied = new Set<string>();
  readonly #sweeping = new AbortController();
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ part: 'router' });
    this.#queue = new WorkQueue({ ...options, name: 'router', maximumDelayMilliseconds: 5_000 });
    this.#rooms = options.metrics.gauge({
      name: 'autoweave_router_rooms_occupied',
      help: 'Waiting rooms that hold jobs.',
    });
    this.#actions = options.metrics.counter({
      name: 'autoweave_router_actions_total',
      help: 'What the router did with jobs in waiting rooms.',
      labels: { action: ['release', 'withdraw', 'fail', 'remove'] },
    });
  }

  start(): void {
    this.#queue.start({ reconcile: async (room) => this.#reconcile(room), concurrency });
    this.#scheduleSweep(0);
  }

  async stop(): Promise<void> {
    this.#sweeping.abort();
    clearTimeout(this.#sweep);
    await this.#queue.stop({ graceMilliseconds: 2_000 });
  }

  /** Something was added to the room, or something it waits for has come. */
  wake(room: string): void {
    this.#queue.add(room);
  }

  /** The UsbDevice came, went or moved. */
  deviceMoved(deviceName: string): void {
    const room = queues.deviceRoom(deviceName);
    if (this.#occupied.has(room)) this.wake(room);
  }

  /** An executor or a plugin changed: any room may wait for that. */
  wakeOccupied(): void {
    for (const room of this.#occupied) this.wake(room);
  }

  /** A result stands in `aw:results`: its place in the lane is free, and its room goes on. */
  settled(result: JobResult): void {
    for (const next of this.#options.windows.give(result.node, result.jobId)) this.wake(next);
    const room = roomOf(result);
    if (result.state === 'HandedBack') this.#queue.addAfter(room, handedBackMilliseconds);
    else this.wake(room);
  }

  async #reconcile(room: string): Promise<{ requeueAfterMilliseconds?: number }> {
    if (!this.#options.mayAct()) return { requeueAfterMilliseconds: pauseMilliseconds };
    const { actions, again, isEmpty } = await reconcileRoom(room, this.#options);
    for (const { type } of actions) this.#actions.increment({ action: type });
    if (isEmpty) this.#occupied.delete(room);
    else this.#occupied.add(room);
    this.#rooms.set(this.#occupied.size);
    if (actions.some(({ type }) => type !== 'release')) return { requeueAfterMilliseconds: nextLookMilliseconds };
    return again === undefined ? {} : { requeueAfterMilliseconds: again };
  }

  #scheduleSweep(milliseconds: number): void {
    this.#sweep = setTimeout(() => void this.#sweepAll(), milliseconds);
  }

  async #sweepAll(): Promise<void> {
    const { rooms, executors, mayAct, sweepMilliseconds = 5_000 } = this.#options;
    try {
      if (!mayAct()) return;
      for (const node of executors().keys()) {
        for (const room of await refreshLane(node, this.#options)) this.wake(room);
      }
      for (const room of await rooms.list()) this.wake(room);
    } catch (error) {
      if (!this.#sweeping.signal.aborted) this.#logger.warn({ err: error }, 'Failed to sweep the waiting rooms');
    } finally {
      if (!this.#sweeping.signal.aborted) this.#scheduleSweep(sweepMilliseconds);
    }
  }
}
