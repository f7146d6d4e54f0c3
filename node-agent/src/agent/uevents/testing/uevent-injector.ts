import type { ScannedDevice } from '../../ports.ts';
import { NetlinkSocket } from '../netlink-socket.ts';
import { netlinkRequest, ueventText } from './uevent-message.ts';

/**
 * Makes the kernel tell of devices that do not exist. Only for tests and benches, and only in a network namespace of
 * their own (`unshare -n`): elsewhere every listener of the machine, udevd first, would believe it.
 */
export class UeventInjector {
  readonly #socket = new NetlinkSocket({ groups: 0, longestMessage: 4096 });

  send(action: string, device: ScannedDevice, extra?: Readonly<Record<string, string>>): void {
    this.#socket.sendToKernel(netlinkRequest(ueventText(action, device, extra)));
  }

  close(): void {
    this.#socket.close();
  }
}
