import { queues, type JobResult, type WaitingJob } from '@autoweave/crds';
import { joinKey, WorkQueue } from '@autoweave/platform/kube';
import type { Counter, Gauge, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { reconcileRoom, refreshLane, type RoomOutcome, type RouterPorts } from './reconcile-room.ts';
import { roomOf } from './room-name.ts';
import { RoomNews } from './room-news.ts';

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
/** After something was done in a room that changes what can be done next. */
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
  /** Rooms of which more may have changed than that a job came or went. */
  readonly #thorough = new Set<string>();
  readonly #news = new RoomNews();
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

  /** Events were added to the room. */
  eventsAdded(room: string, events: readonly WaitingJob[]): void {
    const plugins = events.map(({ plugin }) => joinKey(plugin));
    if (this.#news.matters(room, plugins)) this.wake(room);
  }

  /** The UsbDevice came, went or moved. */
  deviceMoved(deviceName: string): void {
    const room = queues.deviceRoom(deviceName);
    if (this.#occupied.has(room)) this.#wakeThoroughly(room);
  }

  /** An executor or a plugin changed: any room may wait for that. */
  wakeOccupied(): void {
    for (const room of this.#occupied) this.#wakeThoroughly(room);
  }

  /**
   * A result stands in `aw:results`: its place in the lane is free, and its room goes on.
   *
   * @param jobsLeft in the room, after the job was removed; undefined when it was not
   */
  settled(result: JobResult, jobsLeft: number | undefined): void {
    for (const next of this.#options.windows.give(result.node, result.jobId)) this.wake(next);
    const room = roomOf(result);
    if (result.state === 'HandedBack') {
      this.#thorough.add(room);
      this.#queue.addAfter(room, handedBackMilliseconds);
    } else if (jobsLeft === 0 && this.#news.nothingUnseen(room)) this.#noteOccupied(room, false);
    else this.wake(room);
  }

  #wakeThoroughly(room: string): void {
    this.#thorough.add(room);
    this.wake(room);
  }

  #noteOccupied(room: string, isOccupied: boolean): void {
    if (isOccupied) this.#occupied.add(room);
    else this.#occupied.delete(room);
    this.#rooms.set(this.#occupied.size);
  }

  async #reconcile(room: string): Promise<{ requeueAfterMilliseconds?: number }> {
    if (!this.#options.mayAct()) return { requeueAfterMilliseconds: pauseMilliseconds };
    const isThorough = this.#thorough.delete(room);
    const outcome = await this.#news.look(room, () => reconcileRoom(room, isThorough, this.#options));
    for (const { type } of outcome.actions) this.#actions.increment({ action: type });
    this.#noteOccupied(room, !outcome.isEmpty);
    // Not before: most rooms that run empty have a job again before long.
    if (outcome.isEmpty && isThorough) await this.#options.rooms.forget(room);
    const next = lookAgainAfter(outcome);
    return next === undefined ? {} : { requeueAfterMilliseconds: next };
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
      for (const room of await rooms.list()) this.#wakeThoroughly(room);
    } catch (error) {
      if (!this.#sweeping.signal.aborted) this.#logger.warn({ err: error }, 'Failed to sweep the waiting rooms');
    } finally {
      if (!this.#sweeping.signal.aborted) this.#scheduleSweep(sweepMilliseconds);
    }
  }
}

/** A release changes nothing for what is left, nor does it when a job leaves that had its result already. */
function lookAgainAfter({ actions, again, isHeadDone }: RoomOutcome): number | undefined {
  const changesMore = isHeadDone || actions.some(({ type }) => type === 'withdraw' || type === 'fail');
  return changesMore ? nextLookMilliseconds : again;
}
