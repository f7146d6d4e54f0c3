import type { JobResult, LaneJob, PluginRevision } from '@autoweave/crds';
import { LaneWindows } from '../lane-windows.ts';
import { RoomDepths } from '../room-depths.ts';
import { reconcileRoom, type RouterPorts } from '../reconcile-room.ts';
import type { ExecutorState, LaneCopy, RoomEntry } from '../room-state.ts';

interface ModelCopy extends LaneCopy {
  readonly job: LaneJob;
}

export interface RouterPass {
  readonly crashAt: number;
  /** What others do before each effect. */
  readonly interleave: readonly (() => void)[];
  readonly isThorough: boolean;
}

class Crash extends Error {}

const laneLimit = 2;
/** So few that most rooms are longer. */
const depth = { head: 2, whole: 1_000 };
export const room = 'room-device-model';

const revision: PluginRevision = {
  uid: 'u',
  runtime: 'Thread',
  bundleDigest: 'sha256:0',
  memoryMegabytes: 64,
  timeoutSeconds: 30,
};

/**
 * Redis, the executors and one device in memory: what the router's decisions are tried on. Every effect of the router
 * may be the last before a crash, and the executors may act between any two of them. A breach of the contract throws.
 */
export class RoomModel {
  now = 1_000_000;
  holders: readonly string[] = ['a'];
  readonly entries: RoomEntry[] = [];
  readonly arrivals: RoomEntry[] = [];
  readonly lanes = new Map<string, ModelCopy[]>();
  readonly records = new Map<string, JobResult>();
  readonly instances = new Map<string, string>();
  #presence: ReadonlyMap<string, ExecutorState> = new Map();
  #windows = new LaneWindows(laneLimit);
  #depths = new RoomDepths(depth);
  #started = 0;
  #effects = 0;
  #crashAt = Number.POSITIVE_INFINITY;
  #interleave: (() => void)[] = [];

  arrive(entry: RoomEntry): void {
    if (!this.arrivals.some(({ id }) => id === entry.id)) this.arrivals.push(entry);
    if (!this.entries.some(({ id }) => id === entry.id)) this.entries.push(entry);
  }

  startExecutor(node: string): void {
    if (!this.instances.has(node)) this.instances.set(node, `${node}${++this.#started}`);
  }

  killExecutor(node: string): void {
    this.instances.delete(node);
  }

  /** What the router knows of the executors stays as it is until the next reading. */
  readPresence(): void {
    this.#presence = new Map(
      ['a', 'b'].map((node) => {
        const instance = this.instances.get(node);
        return [node, instance === undefined ? { state: 'absent' } : { state: 'present', instance }];
      }),
    );
  }

  /** The executor of the node takes the next copy and runs it, skips it, or hands it back. */
  take(node: string): void {
    const instance = this.instances.get(node);
    const lane = this.#lane(node);
    const index = lane.findIndex(({ state }) => state === 'waiting');
    const copy = lane[index];
    if (instance === undefined || copy === undefined) return;
    const { job } = copy;
    if (this.records.has(job.id)) {
      lane.splice(index, 1);
    } else if (job.event === undefined && job.deviceName !== undefined && !this.holders.includes(node)) {
      lane[index] = { ...copy, state: 'ended', instance };
    } else {
      this.#checkStart(job);
      lane[index] = { ...copy, state: 'running', instance };
    }
  }

  /** The executor records the first job that it runs; the copy stays until `complete`. */
  record(node: string): void {
    const copy = this.#runningOf(node).find(({ job }) => !this.records.has(job.id));
    if (copy !== undefined) this.#recordResult(resultOf(copy.job, node));
  }

  complete(node: string): void {
    const copy = this.#runningOf(node).find(({ job }) => this.records.has(job.id));
    if (copy !== undefined)
      this.lanes.set(
        node,
        this.#lane(node).filter((other) => other !== copy),
      );
  }

  /** The operator hears of results: what has one leaves the room. */
  settle(): void {
    for (const id of this.records.keys()) this.#leave(id);
  }

  /** BullMQ in a new executor: what the former one had taken waits again. */
  checkStalled(node: string): void {
    const instance = this.instances.get(node);
    if (instance === undefined) return;
    const lane = this.#lane(node).map((copy): ModelCopy => {
      const stalled = copy.state === 'running' && copy.instance !== instance;
      return stalled ? { node, state: 'waiting', job: copy.job } : copy;
    });
    this.lanes.set(node, lane);
  }

  /** One pass of the router; after `crashAt` effects it dies, and a new router starts with nothing in memory. */
  async route({ crashAt, interleave, isThorough }: RouterPass): Promise<void> {
    this.#effects = 0;
    this.#crashAt = crashAt;
    this.#interleave = [...interleave];
    try {
      await reconcileRoom(room, isThorough, this.#ports());
    } catch (error) {
      const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
      for (const one of errors) if (!(one instanceof Crash)) throw one;
      this.#windows = new LaneWindows(laneLimit);
      this.#depths = new RoomDepths(depth);
    }
    for (const node of this.lanes.keys()) await this.#windows.refresh(node, async () => this.#unfinished(node));
  }

  #ports(): RouterPorts {
    return {
      windows: this.#windows,
      depths: this.#depths,
      clock: { now: () => this.now },
      verdict: () => ({ state: 'ready', revision }),
      holders: () => this.holders,
      executors: () => this.#presence,
      readExecutors: () =>
        this.#step(() => {
          this.readPresence();
          return this.#presence;
        }),
      rooms: {
        add: async () => {},
        read: (_room, limit) =>
          this.#step(() => ({ entries: this.entries.slice(0, limit), size: this.entries.length })),
        size: async () => this.entries.length,
        note: (_room, id, routing) =>
          this.#step(() => {
            const index = this.entries.findIndex((entry) => entry.id === id);
            const entry = this.entries[index];
            if (entry !== undefined) this.entries[index] = { ...entry, routing };
          }),
        remove: (_room, ids) =>
          this.#step(() => {
            for (const id of ids) this.#leave(id);
            return this.entries.length;
          }),
        list: async () => [room],
        forget: async () => {},
      },
      lanes: {
        add: (node, job) => this.#step(() => this.#addCopy(node, job)),
        find: (node, ids) =>
          this.#step(() => {
            const found = this.#lane(node).filter(({ job }) => ids.includes(job.id));
            return new Map(found.map((copy) => [copy.job.id, copy]));
          }),
        withdraw: (copy, id) => this.#step(() => this.#withdraw(copy, id)),
        unfinished: (node) => this.#step(() => this.#unfinished(node)),
      },
      records: {
        has: async (id) => this.records.has(id),
        known: (ids) => this.#step(() => new Set(ids.filter((id) => this.records.has(id)))),
        record: (result) => this.#step(() => this.#recordResult(result)),
      },
    };
  }

  async #step<T>(effect: () => T): Promise<T> {
    this.#interleave.shift()?.();
    if (this.#effects++ >= this.#crashAt) throw new Crash();
    return effect();
  }

  #lane(node: string): ModelCopy[] {
    const lane = this.lanes.get(node) ?? [];
    this.lanes.set(node, lane);
    return lane;
  }

  #runningOf(node: string): readonly ModelCopy[] {
    const instance = this.instances.get(node);
    return this.#lane(node).filter((copy) => copy.state === 'running' && copy.instance === instance);
  }

  #unfinished(node: string): readonly string[] {
    return this.#lane(node)
      .filter(({ state }) => state !== 'ended')
      .map(({ job }) => job.id);
  }

  #addCopy(node: string, job: LaneJob): void {
    if (this.#lane(node).some((copy) => copy.job.id === job.id)) return;
    for (const [other, lane] of this.lanes) {
      if (lane.some((copy) => copy.job.id === job.id))
        throw new Error(`${job.id} is in the lanes of ${other} and ${node}`);
    }
    this.#lane(node).push({ node, state: 'waiting', job });
    const unfinished = this.#unfinished(node).length;
    if (unfinished > laneLimit) throw new Error(`the lane of ${node} holds ${unfinished} jobs`);
  }

  #withdraw(copy: LaneCopy, id: string): boolean {
    const lane = this.#lane(copy.node);
    const index = lane.findIndex(({ job }) => job.id === id);
    const found = lane[index];
    if (found?.state === 'running') {
      if (found.instance !== copy.instance) return false;
      if (found.instance === this.instances.get(copy.node)) throw new Error(`${id} is taken from who runs it`);
    }
    if (index >= 0) lane.splice(index, 1);
    return true;
  }

  #leave(id: string): void {
    const index = this.entries.findIndex((entry) => entry.id === id);
    if (index >= 0) this.entries.splice(index, 1);
  }

  #recordResult(result: JobResult): boolean {
    if (this.records.has(result.jobId)) return false;
    this.records.set(result.jobId, result);
    return true;
  }

  #checkStart(job: LaneJob): void {
    const running = ['a', 'b']
      .flatMap((node) => this.#runningOf(node))
      .filter((copy) => !this.records.has(copy.job.id));
    for (const { job: other } of running) {
      if (samePlugin(other, job) && job.deviceName !== undefined)
        throw new Error(`${job.id} starts while ${other.id} runs`);
      if (other.exclusive && job.exclusive) throw new Error(`${job.id} and ${other.id} are exclusive and run at once`);
    }
    const position = this.arrivals.findIndex(({ id }) => id === job.id);
    const overtaken = this.arrivals
      .slice(0, position)
      .find(
        (other) =>
          samePlugin(other, job) &&
          !this.records.has(other.id) &&
          (job.event === undefined || other.event !== undefined),
      );
    if (overtaken !== undefined) throw new Error(`${job.id} overtakes ${overtaken.id}`);
  }
}

function samePlugin(left: RoomEntry, right: RoomEntry): boolean {
  return left.plugin.name === right.plugin.name;
}

function resultOf(job: LaneJob, node: string): JobResult {
  const { id: jobId, type, plugin, traceparent } = job;
  return { jobId, type, plugin, node, state: 'Succeeded', startedAt: 0, finishedAt: 0, traceparent };
}
