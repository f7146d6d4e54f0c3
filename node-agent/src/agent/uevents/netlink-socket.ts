import koffi from 'koffi';
import { lastErrorIs, linux, loadLibc, systemError } from './libc.ts';

/** `struct sockaddr_nl`: family, padding, port id, groups. */
const addressLength = 12;

/**
 * A socket that hears the kernel's uevents (netlink(7), group 1 of linux.NETLINK_KOBJECT_UEVENT). Node has no netlink API,
 * so libc is called directly. Never blocks: `receive` answers at once, `onReadable` tells when it is worth calling.
 */
export class NetlinkSocket {
  readonly #libc = loadLibc();
  readonly #descriptor: number;
  readonly #buffer: Buffer;
  readonly #sender = Buffer.alloc(addressLength);
  readonly #senderLength = [addressLength];
  #poll: ReturnType<typeof koffi.node.poll> | undefined;

  /** @throws Error naming the call and errno when the system refuses. */
  constructor({ groups, longestMessage }: { readonly groups: number; readonly longestMessage: number }) {
    this.#buffer = Buffer.alloc(longestMessage);
    this.#descriptor = this.#libc.socket(
      linux.AF_NETLINK,
      linux.SOCK_RAW | linux.SOCK_CLOEXEC | linux.SOCK_NONBLOCK,
      linux.NETLINK_KOBJECT_UEVENT,
    );
    if (this.#descriptor < 0) {
      throw systemError('socket');
    }
    if (this.#libc.bind(this.#descriptor, netlinkAddress({ portId: 0, groups }), addressLength) < 0) {
      const error = systemError('bind');
      this.#libc.close(this.#descriptor);
      throw error;
    }
  }

  /** Number of this socket in /proc/net/netlink. */
  get portId(): number {
    const address = Buffer.alloc(addressLength);
    this.#check('getsockname', this.#libc.getsockname(this.#descriptor, address, [addressLength]));
    return address.readUInt32LE(4);
  }

  /**
   * Asks for room for unread messages and returns the bytes granted. Without CAP_NET_ADMIN the kernel caps it at
   * `net.core.rmem_max`. The kernel reports twice what it was asked for: the rest is its own bookkeeping.
   */
  setReceiveBuffer(bytes: number): number {
    const wanted = Buffer.alloc(4);
    wanted.writeInt32LE(bytes, 0);
    if (this.#libc.setsockopt(this.#descriptor, linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, wanted, 4) < 0) {
      this.#check('setsockopt', this.#libc.setsockopt(this.#descriptor, linux.SOL_SOCKET, linux.SO_RCVBUF, wanted, 4));
    }
    const granted = Buffer.alloc(4);
    this.#check('getsockopt', this.#libc.getsockopt(this.#descriptor, linux.SOL_SOCKET, linux.SO_RCVBUF, granted, [4]));
    return granted.readInt32LE(0) / 2;
  }

  /**
   * The next message and the port id of its sender (0 is the kernel), `overflow` when messages were lost, undefined when
   * there is none. `message` is valid until the next call.
   */
  receive(): { readonly message: Buffer; readonly sender: number } | 'overflow' | undefined {
    this.#senderLength[0] = addressLength;
    const { recvfrom } = this.#libc;
    const length = Number(
      recvfrom(this.#descriptor, this.#buffer, this.#buffer.length, linux.MSG_TRUNC, this.#sender, this.#senderLength),
    );
    if (length >= 0) {
      // MSG_TRUNC gives the true length: an oversized message is handed on empty, for nothing of it can be trusted.
      const message = this.#buffer.subarray(0, length > this.#buffer.length ? 0 : length);
      return { message, sender: this.#sender.readUInt32LE(4) };
    }
    if (lastErrorIs('EAGAIN') || lastErrorIs('EINTR')) {
      return undefined;
    }
    if (lastErrorIs('ENOBUFS')) {
      return 'overflow';
    }
    throw systemError('recvfrom');
  }

  /** Sends to the kernel's own address; it relays uevents to everybody who listens in this network namespace. */
  sendToKernel(message: Buffer): void {
    const kernel = netlinkAddress({ portId: 0, groups: 0 });
    this.#check(
      'sendto',
      Number(this.#libc.sendto(this.#descriptor, message, message.length, 0, kernel, addressLength)),
    );
  }

  onReadable(listener: () => void): void {
    this.#poll = koffi.node.poll(this.#descriptor, { readable: true }, listener);
  }

  close(): void {
    this.#poll?.stop();
    this.#poll?.close();
    this.#libc.close(this.#descriptor);
  }

  #check(call: string, result: number): void {
    if (result < 0) {
      throw systemError(call);
    }
  }
}

export function netlinkAddress({ portId, groups }: { readonly portId: number; readonly groups: number }): Buffer {
  const address = Buffer.alloc(addressLength);
  address.writeUInt16LE(linux.AF_NETLINK, 0);
  address.writeUInt32LE(portId, 4);
  address.writeUInt32LE(groups, 8);
  return address;
}
