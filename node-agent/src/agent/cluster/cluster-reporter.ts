import { fieldManagers } from '@autoweave/crds';
import { KubeClient, type ClusterAccess } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import { UsbDeviceWriter } from '../device-status/usb-device-writer.ts';
import type { DeviceFilters } from '../inventory/device-filters.ts';
import type { Journal } from '../journal/journal.ts';
import { UsbIds } from '../names/usb-ids.ts';
import type { NodeFacts } from '../node-status/usb-node-status.ts';
import { UsbNodeWriter } from '../node-status/usb-node-writer.ts';
import { ClusterSettings } from './cluster-settings.ts';
import { ClusterWriter } from './cluster-writer.ts';
import type { WriteBudgetOptions } from './write-budget.ts';

export interface ClusterReporterOptions {
  readonly access: ClusterAccess;
  readonly nodeName: string;
  readonly journal: Journal;
  readonly facts: () => Omit<NodeFacts, 'lastResyncToken' | 'statedEpoch'>;
  readonly budget: WriteBudgetOptions;
  /** Hold as long as the cluster says nothing. */
  readonly filters: DeviceFilters;
  readonly onFilters: (filters: DeviceFilters) => void;
  /** Scans, and resolves when what differed was recorded. */
  readonly scan: () => Promise<void>;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** The API server tells a watch every minute that it is alive. */
const longestSilenceMilliseconds = 150_000;

/** The agent's side of the cluster: hears filters and resync requests, writes the UsbDevices of the node and its UsbNode. */
export class ClusterReporter {
  readonly #options: ClusterReporterOptions;
  readonly #client: KubeClient;
  readonly #settings: ClusterSettings;
  readonly #writer: ClusterWriter;
  readonly #devices: UsbDeviceWriter;
  readonly #node: UsbNodeWriter;
  #isWriting = false;
  #hasStatedAll = false;
  #resyncToken: string | undefined;
  #lastResyncToken: string | undefined;

  constructor(options: ClusterReporterOptions) {
    const { access, nodeName, journal, filters, onFilters, budget, logger, metrics } = options;
    const fieldManager = fieldManagers.nodeAgent(nodeName);
    const client = new KubeClient(access, { userAgent: fieldManager, maximumSockets: 4 });
    const writer = new ClusterWriter({ client, fieldManager, budget, logger, metrics });
    this.#options = options;
    this.#client = client;
    this.#writer = writer;
    const onResync = (token: string): void => void this.#resync(token);
    this.#settings = new ClusterSettings({ client, nodeName, filters, onFilters, onResync, logger, metrics });
    this.#devices = new UsbDeviceWriter({ writer, journal, nodeName, usbIds: new UsbIds(), logger, metrics });
    this.#node = new UsbNodeWriter({ writer, nodeName, facts: () => this.#facts(), logger, metrics });
  }

  get filters(): DeviceFilters {
    return this.#settings.filters;
  }

  /** Why the cluster does not hear of devices; undefined when it does. */
  get problem(): string | undefined {
    const silence = Date.now() - this.#settings.lastProgressAt;
    if (this.#writer.problem !== undefined) return this.#writer.problem;
    return silence > longestSilenceMilliseconds
      ? `no word from the API server for ${Math.round(silence / 1000)} s`
      : undefined;
  }

  /** Begins to hear the cluster. Resolves when it was heard, at the latest after `waitMilliseconds`. */
  async listen(waitMilliseconds: number, signal: AbortSignal): Promise<void> {
    this.#settings.start();
    const patience = AbortSignal.any([signal, AbortSignal.timeout(waitMilliseconds)]);
    try {
      await this.#settings.whenSynced(patience);
    } catch (error) {
      if (!patience.aborted) throw error;
      this.#options.logger.warn('Cluster was not heard in time, so the configured filters hold');
    }
  }

  /** Call when the inventory is right: what is written first is then true. */
  startWriting(): void {
    this.#isWriting = true;
    void this.#stateAll();
    this.#node.start();
    if (this.#resyncToken !== undefined) void this.#resync(this.#resyncToken);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#settings.stop(), this.#devices.stop(), this.#node.stop()]);
    this.#client.close();
  }

  async #stateAll(): Promise<void> {
    await this.#devices.start();
    this.#hasStatedAll = true;
    this.#node.compare();
  }

  async #resync(token: string): Promise<void> {
    this.#resyncToken = token;
    if (!this.#isWriting) return;
    this.#options.logger.info({ token }, 'Resync was asked for');
    await this.#options.scan();
    await this.#devices.resync();
    this.#lastResyncToken = token;
    this.#node.resync();
  }

  #facts(): NodeFacts {
    const { facts, journal } = this.#options;
    const statedEpoch = this.#hasStatedAll && journal.isInFirstEpoch ? journal.epoch : undefined;
    return { ...facts(), statedEpoch, lastResyncToken: this.#lastResyncToken };
  }
}
