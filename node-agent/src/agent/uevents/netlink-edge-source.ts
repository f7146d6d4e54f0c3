import { AutoWeaveError } from '@autoweave/platform/errors';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { UsbEdgeListener, UsbEdgeSource } from '../ports.ts';
import type { NetlinkReport, NetlinkRequest, NetlinkWorkerData } from './netlink-messages.ts';
import type { Uevent } from './uevent.ts';

export interface NetlinkEdgeSourceOptions {
  /** Room for unread messages, in bytes. Default 16 MiB, which holds more than 20,000 events. */
  readonly receiveBufferBytes?: number;
  /** Default 5,000. */
  readonly dropCheckMilliseconds?: number;
}

/** How long a thread may take to end by itself before it is ended. */
const stopMilliseconds = 300;

/** Edges straight from the kernel: netlink uevents, read on a thread of their own. Needs no privilege. Linux only. */
export class NetlinkEdgeSource implements UsbEdgeSource {
  readonly name = 'netlink';
  readonly edgesAs = 'netlink';
  readonly #data: NetlinkWorkerData;
  readonly #barriers = new Map<number, () => void>();
  #worker: Worker | undefined;
  #barrierCount = 0;
  #receiveBufferBytes = 0;

  constructor(options: NetlinkEdgeSourceOptions = {}) {
    this.#data = {
      receiveBufferBytes: options.receiveBufferBytes ?? 16 * 1024 * 1024,
      dropCheckMilliseconds: options.dropCheckMilliseconds ?? 5000,
    };
  }

  /** What the kernel granted; 0 before it listens. Less than asked for means `net.core.rmem_max` is in the way. */
  get receiveBufferBytes(): number {
    return this.#receiveBufferBytes;
  }

  /** @throws AutoWeaveError AW_USB_SOURCE_FAILED when the kernel refuses the socket, or when it is stopped meanwhile. */
  async start(listener: UsbEdgeListener): Promise<void> {
    await this.stop();
    // The file has the extension of this one: .ts from the sources, .js in an image.
    const file = new URL(`./netlink-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { workerData: this.#data, name: 'netlink' });
    this.#worker = worker;
    await new Promise<void>((resolve, reject) => {
      let listening = false;
      const fail = (cause: unknown) => {
        if (this.#worker !== worker) {
          reject(sourceFailed(cause));
          return;
        }
        this.#worker = undefined;
        this.#releaseBarriers();
        const error = sourceFailed(cause);
        if (listening) {
          listener.failed(error);
        } else {
          reject(error);
        }
      };
      worker.on('message', (report: NetlinkReport) => {
        if (this.#worker !== worker) {
          return;
        }
        if (report.type === 'listening') {
          listening = true;
          this.#receiveBufferBytes = report.receiveBufferBytes;
          resolve();
        } else if (report.type === 'failed') {
          fail(report.error);
        } else {
          this.#handOn(report, listener);
        }
      });
      worker.on('error', fail);
      worker.on('exit', (code) => fail(new Error(`the thread ended with code ${code}`)));
    });
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#releaseBarriers();
    if (!worker) {
      return;
    }
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#ask(worker, { type: 'stop' });
    const timer = setTimeout(() => void worker.terminate(), stopMilliseconds);
    await ended;
    clearTimeout(timer);
  }

  async barrier(): Promise<void> {
    const worker = this.#worker;
    if (!worker) {
      return;
    }
    this.#barrierCount += 1;
    const id = this.#barrierCount;
    await new Promise<void>((resolve) => {
      this.#barriers.set(id, resolve);
      this.#ask(worker, { type: 'barrier', id });
    });
  }

  #ask(worker: Worker, request: NetlinkRequest): void {
    worker.postMessage(request);
  }

  #handOn(report: Exclude<NetlinkReport, { type: 'listening' | 'failed' }>, listener: UsbEdgeListener): void {
    switch (report.type) {
      case 'events':
        for (const event of report.events) {
          tell(event, report.timestamp, listener);
        }
        break;
      case 'overflow':
        listener.overflow(`the kernel dropped uevents (${report.dropped ?? 'unknown'} in all)`);
        break;
      case 'barrier':
        this.#barriers.get(report.id)?.();
        this.#barriers.delete(report.id);
        break;
    }
  }

  /** Nobody waits for a thread that is gone. */
  #releaseBarriers(): void {
    for (const resolve of this.#barriers.values()) {
      resolve();
    }
    this.#barriers.clear();
  }
}

function tell({ action, ...rest }: Uevent, timestamp: number, listener: UsbEdgeListener): void {
  if (action === 'change') {
    listener.changed(rest.sysfsName);
  } else {
    listener.edge({ action, timestamp, ...rest });
  }
}

function sourceFailed(cause: unknown): AutoWeaveError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AutoWeaveError('AW_USB_SOURCE_FAILED', `Kernel uevents cannot be heard: ${reason}`, { cause });
}
