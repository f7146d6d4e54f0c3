import type { ScannedDevice } from '../ports.ts';

/**
 * Where on its machine a device is plugged in, told so that it is the same after a reboot and unlike that of every
 * other device: the host controller, which of its root hubs, and the ports from there.
 *
 * The kernel numbers buses in the order in which drivers load, so the number itself cannot be part of it. A controller
 * has one root hub for SuperSpeed and one for the rest; both count their ports from 1.
 */
export function deviceLocation({ devicePath, sysfsName, portPath, descriptor }: ScannedDevice): string {
  const controller = /^(.+)\/usb\d+\//.exec(devicePath)?.[1];
  if (controller === undefined) {
    return sysfsName;
  }
  const rootHub = descriptor.speedMegabits >= 5000 ? 'superspeed' : 'usb2';
  return `${controller}/${rootHub}/${portPath}`;
}
