/** For tests and benches outside this package: a kernel that tells of devices which do not exist, and their sysfs. */
export type { ScannedDevice } from './agent/ports.ts';
export { recordedDevices } from './agent/sources/recorded-devices.ts';
export { writeSysfsTree } from './agent/sources/sysfs-tree.ts';
export { NetlinkSocket } from './agent/uevents/netlink-socket.ts';
export { randomNumbers } from './agent/sources/simulation-plan.ts';
export { UeventInjector } from './agent/uevents/testing/uevent-injector.ts';
