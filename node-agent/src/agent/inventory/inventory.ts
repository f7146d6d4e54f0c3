import { errorCode, errorMessage } from '@autoweave/platform/errors';
import type { Logger } from '@autoweave/platform/telemetry';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, KnownDevice, UsbEdgeListener, UsbEdgeSource, UsbSource } from '../ports.ts';
import type { DeviceFilters } from './device-filters.ts';
import { DeviceTable, type DeviceTableOptions } from './device-table.ts';
import { EdgeSourceKeeper, type SourceStatus } from './edge-source-keeper.ts';
import { PathKeeper } from './path-keeper.ts';
import { ScanTimer } from './scan-timer.ts';
import { defaultTiming, type InventoryTiming } from './timing.ts';

export interface InventoryOptions extends DeviceTableOptions {
  /** The truth. */
  readonly source: UsbSource;
  /** At most one of them tells edges; the others hint. */
  readonly edgeSources: readonly UsbEdgeSource[];
  /** What an earlier process recorded as attached and not as detached since. */
  readonly recorded: readonly KnownDevice[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing?: Partial<InventoryTiming>;
}

/**
 * The USB devices of this node, and the one place that decides what is told of them: every transition once, in order.
 * Edges come from the kernel; a scan at the start, after a loss, after a hint and now and then corrects what they missed.
 */
export class Inventory {
  readonly #options: InventoryOptions;
  readonly #timing: InventoryTiming;
  readonly #logger: Logger;
  readonly #table: DeviceTable;
  readonly #paths: PathKeeper;
  readonly #keepers: readonly EdgeSourceKeeper[];
  readonly #scanTimer = new ScanTimer(() => this.#scan());
  readonly #stopping = new AbortController();
  #scanFailure: SourceStatus | undefined;
  #synced = false;

  constructor(options: InventoryOptions) {
    const { source, clock } = options;
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#logger = options.logger.child({ component: 'inventory' });
    this.#table = new DeviceTable(options);
    this.#paths = new PathKeeper({
      source,
      clock,
      table: this.#table,
      logger: this.#logger,
      timing: this.#timing,
      signal: this.#stopping.signal,
      barrier: () => this.#barrier(),
      requestScan: (milliseconds) => this.#scanTimer.within(milliseconds),
    });
    this.#keepers = options.edgeSources.map((edgeSource) => this.#keep(edgeSource));
  }

  /** Resolves after the first scan: what was there already, and what left while nobody looked, has been told then. */
  async start(): Promise<void> {
    const { recorded, filters, bootId } = this.#options;
    for (const device of recorded) {
      this.#paths.restore(device);
    }
    this.#paths.detachAll(recorded.filter((device) => bootId !== undefined && (device.bootId ?? bootId) !== bootId));
    this.setFilters(filters);
    await Promise.all(this.#keepers.map((keeper) => keeper.start()));
    await this.#scanTimer.runNow();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#scanTimer.stop(), ...this.#keepers.map((keeper) => keeper.stop())]);
  }

  list(): KnownDevice[] {
    return this.#table.visible();
  }

  /** Hears of attributes that became known after the attach, such as a driver; no event is told for them. */
  onUpdated(listener: (device: KnownDevice) => void): void {
    this.#paths.onUpdated(listener);
  }

  setFilters(filters: DeviceFilters): void {
    const { source, clock } = this.#options;
    this.#table.setFilters(filters, { source: source.name, timestamp: clock.now() });
  }

  /** Scans now and corrects what differs. */
  async resync(): Promise<void> {
    await this.#scanTimer.runNow();
  }

  /** The tree was read at least once. */
  get synced(): boolean {
    return this.#synced;
  }

  /** The source of truth first. */
  sources(): SourceStatus[] {
    const scanned: SourceStatus = this.#scanFailure ?? { name: this.#options.source.name, state: 'Active' };
    return [scanned, ...this.#keepers.map((keeper) => keeper.status)];
  }

  #keep(edgeSource: UsbEdgeSource): EdgeSourceKeeper {
    const edgesAs = edgeSource.edgesAs ?? this.#options.source.name;
    const listener: UsbEdgeListener = {
      edge: (edge) => this.#paths.edge(edge, edgesAs),
      changed: (sysfsName) => this.#paths.changed(sysfsName),
      hint: (reason) => {
        this.#logger.debug({ source: edgeSource.name, reason }, 'USB scan was asked for');
        this.#scanTimer.within(this.#hasEdges ? this.#timing.hint : 0);
      },
      overflow: (reason) => {
        this.#options.metrics.ueventsLost();
        this.#logger.warn({ source: edgeSource.name, reason }, 'USB edges were lost');
        this.#scanTimer.within(0);
      },
      failed: () => this.#scanTimer.within(0),
    };
    return new EdgeSourceKeeper(edgeSource, listener, this.#logger);
  }

  get #hasEdges(): boolean {
    return this.#keepers.some((keeper) => keeper.isActive && keeper.source.edgesAs !== undefined);
  }

  async #barrier(): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper.source.barrier()));
  }

  /** Does not throw. */
  async #scan(): Promise<void> {
    try {
      const revisions = this.#paths.revisions();
      const result = await this.#options.source.scan(this.#stopping.signal);
      if (this.#hasEdges && this.#synced) {
        // The list of devices runs ahead of the edges: what they are about to tell is not for the scan to tell.
        await delay(this.#timing.settle, undefined, { signal: this.#stopping.signal });
      }
      await this.#barrier();
      await this.#paths.correctAll(result, revisions);
      this.#scanSucceeded();
    } catch (error) {
      this.#scanFailed(error);
    }
    const interval = this.#hasEdges && this.#synced ? this.#timing.slowScan : this.#timing.fastScan;
    this.#scanTimer.within(interval * (0.9 + Math.random() * 0.2));
  }

  #scanSucceeded(): void {
    if (this.#scanFailure !== undefined || !this.#synced) {
      this.#logger.info({ devices: this.list().length }, 'USB tree was read');
    }
    this.#synced = true;
    this.#scanFailure = undefined;
  }

  /** Said once: a node without a USB tree stays without for long. */
  #scanFailed(error: unknown): void {
    if (this.#stopping.signal.aborted) {
      return;
    }
    const state = errorCode(error) === 'AW_USB_UNAVAILABLE' ? 'Unavailable' : 'Failed';
    const failure: SourceStatus = { name: this.#options.source.name, state, message: errorMessage(error) };
    if (failure.message !== this.#scanFailure?.message) {
      this.#logger.warn({ err: error }, 'USB tree could not be read');
    }
    this.#scanFailure = failure;
  }
}
