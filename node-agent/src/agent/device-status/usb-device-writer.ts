import { createHash } from 'node:crypto';
import { labels, resources, type UsbDevice } from '@autoweave/crds';
import { WaitError, WorkQueue } from '@autoweave/platform/kube';
import type { Histogram, Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { ClusterWriter, StatusWrite } from '../cluster/cluster-writer.ts';
import type { DeviceRecord } from '../journal/device-record.ts';
import type { Journal } from '../journal/journal.ts';
import { deviceNames } from '../names/device-names.ts';
import type { UsbIds } from '../names/usb-ids.ts';
import { usbDeviceAttachment, usbDeviceStatus } from './usb-device-status.ts';

export interface UsbDeviceWriterOptions {
  readonly writer: ClusterWriter;
  readonly journal: Journal;
  readonly nodeName: string;
  readonly usbIds: UsbIds;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

const resource = resources.usbDevice;

/** Keeps this node's part of every UsbDevice like the journal's state of the device. Level-based: the latest state wins. */
export class UsbDeviceWriter {
  readonly #options: UsbDeviceWriterOptions;
  readonly #queue: WorkQueue;
  readonly #visible: Histogram;
  /** Digests of what was applied last, by device. */
  readonly #applied = new Map<string, string>();
  /** What a resync has yet to look at, and who waits for it. */
  #outstanding = new Set<string>();
  #resynced: PromiseWithResolvers<void> | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(options: UsbDeviceWriterOptions) {
    const { logger, metrics } = options;
    this.#options = options;
    this.#queue = new WorkQueue({ name: 'usb-device-status', logger, metrics, maximumDelayMilliseconds: 5000 });
    this.#visible = metrics.histogram({
      name: 'autoweave_cluster_device_visible_duration_seconds',
      help: 'From the transition of a device until its UsbDevice said so.',
    });
  }

  /** @returns when each device of the journal had its turn */
  start(): Promise<void> {
    this.#unsubscribe = this.#options.journal.subscribe((names) => {
      for (const name of names) this.#enqueue(name);
    });
    this.#queue.start({ reconcile: (name, signal) => this.#reconcile(name, signal), timeoutMilliseconds: 15_000 });
    return this.resync();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    await this.#queue.stop({ graceMilliseconds: 200 });
  }

  /** Applies everything again, as if nothing had been applied yet. Resolves when each device had its turn. */
  resync(): Promise<void> {
    this.#applied.clear();
    this.#outstanding = new Set([...this.#options.journal.devices.values()].map((record) => record.device.name));
    this.#outstanding.delete('');
    for (const name of this.#outstanding) this.#queue.add(name);
    this.#resynced ??= Promise.withResolvers();
    const { promise } = this.#resynced;
    this.#settleResync();
    return promise;
  }

  /** A device that was gone before it could be read has no name, and so no UsbDevice. */
  #enqueue(name: string): void {
    if (name !== '') this.#queue.add(name);
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<void> {
    try {
      const record = this.#options.journal.devices.byName(name);
      if (record === undefined) this.#forget(name);
      else await this.#bringUpToDate(name, record, signal);
    } catch (error) {
      // Whoever only has to wait has not had its turn.
      if (!(error instanceof WaitError)) this.#hadTurn(name);
      throw error;
    }
    this.#hadTurn(name);
  }

  async #bringUpToDate(name: string, record: DeviceRecord, signal: AbortSignal): Promise<void> {
    const { journal, nodeName, usbIds, writer } = this.#options;
    const status = usbDeviceStatus(record, nodeName, await deviceNames(record.device, usbIds));
    const digest = createHash('sha256').update(JSON.stringify(status)).digest('base64');
    if (this.#applied.get(name) === digest) {
      writer.forget(resource, name);
      return;
    }
    await writer.apply(this.#write(record, status), signal);
    this.#applied.set(name, digest);
    this.#visible.observe((Date.now() - record.since) / 1000);
    // What was recorded while the request was under way is newer, and its own pass follows.
    journal.forgetDeparted(name, record.position);
    if (!record.present) this.#applied.delete(name);
  }

  /**
   * The node that holds a device describes it. One that it left says so without insisting: when another node describes it
   * by now, only the own attachment is written.
   */
  #write(record: DeviceRecord, status: object): StatusWrite<UsbDevice> {
    const { name, vendorId, productId } = record.device;
    const metadata = { name, labels: { [labels.vendorId]: vendorId, [labels.productId]: productId } };
    const write = { resource, metadata, status };
    if (record.present) return write;
    return { ...write, statusOnConflict: { attachments: [usbDeviceAttachment(record, this.#options.nodeName)] } };
  }

  #forget(name: string): void {
    this.#applied.delete(name);
    this.#options.writer.forget(resource, name);
  }

  #hadTurn(name: string): void {
    this.#outstanding.delete(name);
    this.#settleResync();
  }

  #settleResync(): void {
    if (this.#outstanding.size > 0) return;
    this.#resynced?.resolve();
    this.#resynced = undefined;
  }
}
