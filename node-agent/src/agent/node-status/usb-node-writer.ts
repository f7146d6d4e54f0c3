import { resources, type Condition, type UsbNode, type UsbNodeStatus } from '@autoweave/crds';
import { semanticEqual, WorkQueue } from '@autoweave/platform/kube';
import type { Logger, MetricsRegistry } from '@autoweave/platform/telemetry';
import type { ClusterWriter } from '../cluster/cluster-writer.ts';
import { usbNodeStatus, type NodeFacts } from './usb-node-status.ts';

export interface UsbNodeWriterOptions {
  readonly writer: ClusterWriter;
  readonly nodeName: string;
  /** Called every few seconds: what it tells is compared with what was written. */
  readonly facts: () => NodeFacts;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

const resource = resources.usbNode;
const compareMilliseconds = 1000;
/** Between writes that tell of no condition: the count of devices may change all the time. */
const countMilliseconds = 5000;

/** Keeps the status of the own UsbNode like the facts. Writes on change only; there is no heartbeat. */
export class UsbNodeWriter {
  readonly #options: UsbNodeWriterOptions;
  readonly #queue: WorkQueue;
  #written: UsbNode['status'];
  #writtenAt = 0;
  /** As the cluster has them, so that their times survive a restart of the agent; undefined until they were read. */
  #conditions: readonly Condition[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UsbNodeWriterOptions) {
    const { logger, metrics } = options;
    this.#options = options;
    this.#queue = new WorkQueue({ name: 'usb-node-status', logger, metrics, maximumDelayMilliseconds: 5000 });
  }

  start(): void {
    this.#queue.start({ reconcile: (_key, signal) => this.#reconcile(signal), timeoutMilliseconds: 15_000 });
    this.#timer = setInterval(() => this.compare(), compareMilliseconds).unref();
    this.compare();
  }

  /** Something changed that should show at once. */
  compare(): void {
    this.#queue.add(this.#options.nodeName);
  }

  /** Forgets what was written, so that everything is written again. */
  resync(): void {
    this.#written = undefined;
    this.#conditions = undefined;
    this.compare();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#queue.stop({ graceMilliseconds: 200 });
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    const { writer, nodeName: name, facts } = this.#options;
    this.#conditions ??= (await writer.read<UsbNode>(resource, name, signal))?.status?.conditions ?? [];
    const status = usbNodeStatus(facts(), this.#conditions, new Date());
    if (semanticEqual(status, this.#written)) {
      writer.forget(resource, name);
      return;
    }
    if (!isUrgent(status, this.#written) && performance.now() - this.#writtenAt < countMilliseconds) return;
    await writer.apply({ resource, metadata: { name }, status }, signal);
    this.#written = status;
    this.#writtenAt = performance.now();
    this.#conditions = status.conditions;
  }
}

/** Readers wait for it; the count of devices may be late. */
function isUrgent(status: UsbNodeStatus, written: UsbNodeStatus | undefined): boolean {
  return status.statedEpoch !== written?.statedEpoch || !semanticEqual(status.conditions, written?.conditions);
}
