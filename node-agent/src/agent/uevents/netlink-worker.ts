import { readFileSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { linux } from './libc.ts';
import { droppedMessages } from './dropped-messages.ts';
import type { NetlinkReport, NetlinkRequest, NetlinkWorkerData } from './netlink-messages.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { longestUevent, parseUevent, type Uevent } from './uevent.ts';

/** Group 1 is the kernel's own; group 2 is udevd's, which does not reach a pod. */
const kernelGroup = 1;

/** Ends a turn of draining, so that a stop or a barrier is heard also in a storm. */
const longestBatch = 512;

const usbMark = Buffer.from('\0SUBSYSTEM=usb\0');

/** Empties the socket as fast as it fills, away from the main thread, and hands on what is about USB devices. */
class NetlinkReader {
  readonly #port: MessagePort;
  readonly #socket: NetlinkSocket;
  readonly #portId: number;
  readonly #options: NetlinkWorkerData;
  #dropTimer: NodeJS.Timeout | undefined;
  #dropped = 0;
  #overflowed = false;

  constructor(port: MessagePort, options: NetlinkWorkerData) {
    this.#port = port;
    this.#options = options;
    this.#socket = new NetlinkSocket({ groups: kernelGroup, longestMessage: longestUevent });
    this.#portId = this.#socket.portId;
  }

  start(): void {
    const { receiveBufferBytes, dropCheckMilliseconds } = this.#options;
    const granted = this.#socket.setReceiveBuffer(receiveBufferBytes);
    this.#socket.onReadable(() => this.#guard(() => this.#drainBatch()));
    this.#dropTimer = setInterval(() => this.#guard(() => this.#checkDrops()), dropCheckMilliseconds);
    this.#port.on('message', (request: NetlinkRequest) => this.#guard(() => this.#answer(request)));
    this.#report({ type: 'listening', receiveBufferBytes: granted });
  }

  #answer(request: NetlinkRequest): void {
    if (request.type === 'stop') {
      this.#close();
      return;
    }
    while (this.#drainBatch()) {
      // Everything that is in the socket now goes before the answer.
    }
    this.#report({ type: 'barrier', id: request.id });
  }

  /** Returns whether more may be waiting. */
  #drainBatch(): boolean {
    const events: Uevent[] = [];
    let more = true;
    for (let count = 0; more && count < longestBatch; count += 1) {
      more = this.#receiveInto(events);
    }
    if (events.length > 0) {
      this.#report({ type: 'events', events, timestamp: Date.now() });
    }
    if (this.#overflowed) {
      this.#overflowed = false;
      this.#dropped = this.#readDrops() ?? this.#dropped;
      this.#report({ type: 'overflow', dropped: this.#dropped });
    }
    return more;
  }

  /** False when the socket is empty. Anybody with CAP_NET_ADMIN may send to this group; only the kernel has id 0. */
  #receiveInto(events: Uevent[]): boolean {
    const received = this.#socket.receive();
    if (received === undefined) {
      return false;
    }
    if (received === 'overflow') {
      this.#overflowed = true;
    } else if (received.sender === 0 && received.message.includes(usbMark)) {
      const event = parseUevent(received.message);
      events.push(...(event ? [event] : []));
    }
    return true;
  }

  /** ENOBUFS is told once for a whole congestion; the counter catches what it may have missed. */
  #checkDrops(): void {
    const dropped = this.#readDrops();
    if (dropped !== undefined && dropped > this.#dropped) {
      this.#dropped = dropped;
      this.#report({ type: 'overflow', dropped });
    }
  }

  #readDrops(): number | undefined {
    const table = readFileSync('/proc/net/netlink', 'latin1');
    return droppedMessages(table, { protocol: linux.NETLINK_KOBJECT_UEVENT, portId: this.#portId });
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#report({ type: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
      this.#close();
    }
  }

  #report(report: NetlinkReport): void {
    this.#port.postMessage(report);
  }

  /** Nothing holds the thread after this, so it ends by itself. */
  #close(): void {
    clearInterval(this.#dropTimer);
    this.#socket.close();
    this.#port.close();
  }
}

if (parentPort) {
  new NetlinkReader(parentPort, workerData as NetlinkWorkerData).start();
}
