import type { HotplugSource } from '@autoweave/crds';
import type { Logger } from '@autoweave/platform/telemetry';
import type { Clock, KnownDevice, ScannedDevice, ScanResult, UsbEdge, UsbSource } from '../ports.ts';
import { DeviceReader } from './device-reader.ts';
import type { DeviceTable } from './device-table.ts';
import { advance, correct, emptyPath, isSameDevice, receiveEdge, resolveHead } from './path-state.ts';
import type { PathState, Step } from './path-state.ts';
import type { InventoryTiming } from './timing.ts';
import { TwinCheck } from './twin-check.ts';

export interface PathKeeperOptions {
  readonly source: UsbSource;
  readonly table: DeviceTable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: InventoryTiming;
  /** Nothing is told after it was aborted. */
  readonly signal: AbortSignal;
  /** Resolves when every edge told so far has been taken in. */
  readonly barrier: () => Promise<void>;
  readonly requestScan: (milliseconds: number) => void;
}

interface Path {
  readonly sysfsName: string;
  state: PathState;
  /** What the edges of this path are told as. */
  source: HotplugSource;
  isAdvancing: boolean;
  retryTimer: NodeJS.Timeout | undefined;
  changeTimer: NodeJS.Timeout | undefined;
}

/** Paths without a device that are remembered for the sake of their last SEQNUM. */
const idlePathLimit = 4096;

/** Runs the state machine of every path: gives it edges and findings, does the reads it asks for, tells what it tells. */
export class PathKeeper {
  readonly #options: PathKeeperOptions;
  readonly #reader: DeviceReader;
  readonly #twins: TwinCheck;
  readonly #paths = new Map<string, Path>();
  /** Names of those that hold nothing, longest unused first. */
  readonly #idle = new Set<string>();
  readonly #updateListeners: ((device: KnownDevice) => void)[] = [];

  constructor(options: PathKeeperOptions) {
    const { source, signal, logger, table, barrier } = options;
    this.#options = options;
    this.#reader = new DeviceReader({ source, signal, logger });
    this.#twins = new TwinCheck({ table, barrier, reader: this.#reader, leave: (device) => this.#leave(device) });
  }

  onUpdated(listener: (device: KnownDevice) => void): void {
    this.#updateListeners.push(listener);
  }

  restore(device: KnownDevice): void {
    this.#options.table.restore(device);
    const path = this.#path(device.sysfsName);
    path.state = { ...path.state, occupant: this.#options.table.occupantOf(device.sysfsName) };
  }

  detachAll(devices: readonly KnownDevice[]): void {
    for (const { sysfsName } of devices) {
      this.#correct(this.#path(sysfsName), undefined);
    }
  }

  edge(edge: UsbEdge, source: HotplugSource): void {
    const path = this.#path(edge.sysfsName);
    path.state = receiveEdge(path.state, edge);
    path.source = source;
    void this.#advance(path);
  }

  changed(sysfsName: string): void {
    const path = this.#paths.get(sysfsName);
    if (path && path.changeTimer === undefined && (path.state.occupant || path.state.pending.length > 0)) {
      path.changeTimer = setTimeout(() => {
        path.changeTimer = undefined;
        void this.#refresh(path);
      }, this.#options.timing.change).unref();
    }
  }

  /** To be taken before a scan begins. */
  revisions(): ReadonlyMap<string, number> {
    return new Map([...this.#paths].map(([sysfsName, path]) => [sysfsName, path.state.revision]));
  }

  /** What left goes first, so that a device which moved leaves its old place before it is told in its new one. */
  async correctAll({ devices, unreadable }: ScanResult, revisions: ReadonlyMap<string, number>): Promise<void> {
    for (const [sysfsName, error] of unreadable) {
      this.#options.logger.warn({ err: error, sysfsName }, 'USB device could not be read');
    }
    const found = new Set(devices.map((device) => device.sysfsName));
    const gone = this.#options.table.sysfsNames().filter((name) => !found.has(name) && !unreadable.has(name));
    for (const sysfsName of gone.toSorted(deepestFirst)) {
      this.#correctSettled(sysfsName, undefined, revisions);
    }
    await this.#twins.distrustAmong(devices);
    for (const device of devices.toSorted((left, right) => deepestFirst(right.sysfsName, left.sysfsName))) {
      const occupant = this.#options.table.occupantOf(device.sysfsName);
      const isNews = !occupant || !isSameDevice(occupant.device, device);
      if (!isNews || (await this.#twins.settleClaims(device)) === device) {
        this.#correctSettled(device.sysfsName, device, revisions);
      } else {
        this.#options.requestScan(this.#options.timing.hint);
      }
    }
  }

  /** Edges that came since the scan began know better than the scan; where they do not agree, another one decides. */
  #correctSettled(sysfsName: string, found: ScannedDevice | undefined, revisions: ReadonlyMap<string, number>): void {
    const path = this.#path(sysfsName);
    const { state } = path;
    if (state.pending.length === 0 && state.revision === (revisions.get(sysfsName) ?? 0)) {
      this.#correct(path, found);
    } else if (state.pending.length > 0 || correct(state, found, 0).told.length > 0) {
      this.#options.requestScan(this.#options.timing.hint);
    }
  }

  #correct(path: Path, found: ScannedDevice | undefined): void {
    const { occupant } = path.state;
    this.#commit(path, correct(path.state, found, this.#options.clock.now()));
    if (found && path.state.occupant === occupant) {
      this.#update(found);
    }
  }

  /** Tells edges until one has to wait. Does not throw. */
  async #advance(path: Path): Promise<void> {
    if (path.isAdvancing) {
      return;
    }
    path.isAdvancing = true;
    clearTimeout(path.retryTimer);
    try {
      this.#commit(path, advance(path.state));
      // What comes in the same burst may tell that a device left again: then it is not read.
      await Promise.resolve();
      this.#commit(path, advance(path.state));
      while (path.state.pending.length > 0 && !this.#options.signal.aborted) {
        if (!(await this.#resolveHead(path))) {
          path.retryTimer = setTimeout(() => void this.#advance(path), this.#options.timing.retry).unref();
          return;
        }
        this.#commit(path, advance(path.state));
      }
    } catch (error) {
      this.#options.logger.error({ err: error, sysfsName: path.sysfsName }, 'USB transition could not be recorded');
      this.#options.requestScan(this.#options.timing.retry);
    } finally {
      path.isAdvancing = false;
    }
  }

  /** False when the device has to be read again later. */
  async #resolveHead(path: Path): Promise<boolean> {
    let found = await this.#reader.read(path.sysfsName);
    if (found && found !== 'unreadable') {
      found = await this.#twins.settleClaims(found);
    }
    if (found === 'unreadable' && path.state.pending.length === 1) {
      return false;
    }
    // An unreadable device of which the kernel has told more since will never be read.
    this.#commit(path, resolveHead(path.state, found === 'unreadable' ? undefined : found));
    return true;
  }

  async #refresh(path: Path): Promise<void> {
    const { revision } = path.state;
    const found = await this.#reader.read(path.sysfsName);
    const { occupant, pending } = path.state;
    if (!occupant || found === 'unreadable' || pending.length > 0 || path.state.revision !== revision) {
      return;
    }
    if (found && isSameDevice(occupant.device, found)) {
      this.#update(found);
    } else {
      this.#options.requestScan(this.#options.timing.settle);
    }
  }

  /** Tells that a device is gone of which no edge has come. */
  #leave({ sysfsName }: KnownDevice): void {
    const path = this.#path(sysfsName);
    this.#commit(path, correct(path.state, undefined, this.#options.clock.now()));
  }

  /** @throws what the sink throws: what it did not record has not happened, and is left to the next scan. */
  #commit(path: Path, { state, told }: Step): void {
    if (this.#options.signal.aborted) {
      return;
    }
    const { table, source } = this.#options;
    try {
      for (const each of told) {
        table.tell({ ...each, source: each.corrects ? source.name : path.source });
      }
      path.state = state;
    } catch (error) {
      path.state = { ...state, occupant: table.occupantOf(path.sysfsName), pending: [] };
      throw error;
    } finally {
      this.#forgetIdle(path);
    }
  }

  #path(sysfsName: string): Path {
    const known = this.#paths.get(sysfsName);
    if (known) {
      return known;
    }
    const path: Path = {
      sysfsName,
      state: emptyPath,
      source: this.#options.source.name,
      isAdvancing: false,
      retryTimer: undefined,
      changeTimer: undefined,
    };
    this.#paths.set(sysfsName, path);
    return path;
  }

  #forgetIdle(path: Path): void {
    this.#idle.delete(path.sysfsName);
    if (path.state.occupant || path.state.pending.length > 0) {
      return;
    }
    this.#idle.add(path.sysfsName);
    const [oldest] = this.#idle;
    if (this.#idle.size > idlePathLimit && oldest !== undefined) {
      this.#idle.delete(oldest);
      this.#paths.delete(oldest);
    }
  }

  #update(found: ScannedDevice): void {
    const device = this.#options.table.refresh(found);
    if (device) {
      for (const listener of this.#updateListeners) {
        listener(device);
      }
    }
  }
}

function deepestFirst(left: string, right: string): number {
  return right.length - left.length || (left < right ? 1 : -1);
}
